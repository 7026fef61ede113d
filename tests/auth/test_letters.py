"""What letters say, in both languages, and what they do with names that strangers chose."""

from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser

import pytest

from auth import letters
from common.mail import Mail

LINK = "http://localhost:8000/somewhere#token=abc_-123"
TO = "ada@example.org"

type Write = Callable[[str, str], Mail]

# By name; each takes a name and a language.
EVERY: dict[str, Write] = {
    "welcome": lambda name, locale: letters.welcome(TO, name, locale, LINK),
    "already_known": lambda name, locale: letters.already_known(TO, name, locale),
    "verify": lambda name, locale: letters.verify(TO, name, locale, LINK),
    "reset": lambda name, locale: letters.reset(TO, name, locale, LINK),
    "choose_password": lambda name, locale: letters.choose_password(TO, name, locale, LINK),
    "password_changed": lambda name, locale: letters.password_changed(TO, name, locale),
    "change_email": lambda name, locale: letters.change_email(TO, name, locale, LINK),
    "email_changing": lambda name, locale: letters.email_changing(TO, name, locale, "new@example.org"),
    "email_changed": lambda name, locale: letters.email_changed(TO, name, locale),
    "session_ended": lambda name, locale: letters.session_ended(TO, name, locale),
    "new_factor": lambda name, locale: letters.new_factor(TO, name, locale, "totp"),
    "factor_removed": lambda name, locale: letters.factor_removed(TO, name, locale, "passkey"),
    "recovery_code_used": lambda name, locale: letters.recovery_code_used(TO, name, locale, 7),
    "export_ready": lambda name, locale: letters.export_ready(TO, name, locale, LINK),
    "deletion_asked": lambda name, locale: letters.deletion_asked(TO, name, locale, LINK, date(2026, 12, 24)),
    "restored": lambda name, locale: letters.restored(TO, name, locale),
    "account_disabled": lambda name, locale: letters.account_disabled(TO, name, locale),
}
WITH_LINK = {"welcome", "verify", "reset", "choose_password", "change_email", "export_ready", "deletion_asked"}


class _Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.names: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        if tag not in ("meta", "br"):
            self.opened.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag


def _is_russian(text: str) -> bool:
    return any("а" <= character <= "я" for character in text)


def test_every_letter_is_tried() -> None:
    assert EVERY.keys() == set(letters.__all__)


@pytest.mark.parametrize("locale", ["en", "ru"])
@pytest.mark.parametrize("kind", EVERY)
def test_a_letter_is_whole_in_both_forms_and_in_its_language(kind: str, locale: str) -> None:
    mail = EVERY[kind]("Ada" if locale == "en" else "Ада", locale)
    assert mail.to == TO
    assert 0 < len(mail.subject) <= 60
    assert mail.text.startswith("Hello Ada," if locale == "en" else "Здравствуйте, Ада!")
    assert "{" not in mail.subject + mail.text
    assert _is_russian(mail.subject) == _is_russian(mail.text) == _is_russian(mail.html) == (locale == "ru")
    page = _Elements(mail.html)
    assert page.opened == []
    assert f'<html lang="{locale}">' in mail.html
    assert "script" not in page.names
    for paragraph in mail.text.split("\n\n")[:2]:
        assert paragraph in mail.html


@pytest.mark.parametrize("kind", EVERY)
def test_a_link_stands_in_both_forms_and_leads_to_our_site(kind: str) -> None:
    mail = EVERY[kind]("Ada", "en")
    links = _Elements(mail.html).links
    assert all(link.startswith("http://localhost:8000/") and link in mail.text for link in links)
    assert (LINK in links) == (kind in WITH_LINK)


@pytest.mark.parametrize("kind", EVERY)
def test_names_are_text_and_never_markup(kind: str) -> None:
    mail = EVERY[kind]("<b onload='x'>&amp;", "en")
    assert "&lt;b onload=&#x27;x&#x27;&gt;&amp;amp;" in mail.html
    assert "b" not in _Elements(mail.html).names
    assert "Hello <b onload='x'>&amp;," in mail.text


@pytest.mark.parametrize("name", ["{link}", "{0!r}", "%s", "{{", "}"])
def test_names_are_no_templates(name: str) -> None:
    assert letters.welcome(TO, name, "en", LINK).text.startswith(f"Hello {name},")


@pytest.mark.parametrize(
    "name",
    [
        "http://evil.example", "win at evil.example", "evil.example/prize", "me@evil.example", "tel:123",
        "\u202egnp.exe", "a\u2028b", "\u200bname",
    ],
    ids=["url", "domain", "path", "mail", "scheme", "bidi", "line", "invisible"],
)  # fmt: skip
def test_nobody_advertises_by_signing_others_up(name: str) -> None:
    for write in EVERY.values():
        mail = write(name, "en")
        assert mail.text.startswith("Hello,\n")
        assert name not in mail.text + mail.html
        assert write(name, "ru").text.startswith("Здравствуйте!\n")


@pytest.mark.parametrize(
    "name", ["J. R. R. Tolkien", "J.R.R. Tolkien", "Anne-Marie O'Neill", "Дж. Смит", "张伟", "R2-D2"]
)
def test_people_are_greeted_by_name(name: str) -> None:
    assert letters.welcome(TO, name, "en", LINK).text.startswith(f"Hello {name},")


def test_days_are_written_as_people_write_them() -> None:
    assert "24 December 2026" in EVERY["deletion_asked"]("Ada", "en").text
    assert "24.12.2026" in EVERY["deletion_asked"]("Ада", "ru").text


@pytest.mark.parametrize("what", ["totp", "passkey", "token", "identity"])
def test_each_way_in_has_a_name_in_both_languages(what: letters.access.Factor) -> None:
    texts = {letters.new_factor(TO, "Ada", locale, what).text for locale in ("en", "ru")}
    assert len(texts) == 2
