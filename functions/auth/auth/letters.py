"""The text of the mails that accounts get, in the reader's language."""

from html import escape

from common.mail import Mail
from common.settings import settings

_WELCOME = {
    "en": (
        "Welcome to Artel",
        "Hello {name},\n\nyour account is ready. Sign in at {url}\n\nIf you did not sign up, ignore this letter.\n",
    ),
    "ru": (
        "Добро пожаловать в Artel",
        (
            "Здравствуйте, {name}!\n\nУчётная запись создана. Войти: {url}\n\n"
            "Если вы не регистрировались, просто не отвечайте на это письмо.\n"
        ),
    ),
}
_ALREADY_KNOWN = {
    "en": (
        "You already have an Artel account",
        (
            "Hello {name},\n\nsomebody, perhaps you, tried to sign up with this address, which already has an account.\n"
            "Sign in at {url}\n\nIf it was not you, there is nothing to do: nothing was changed.\n"
        ),
    ),
    "ru": (
        "У вас уже есть учётная запись Artel",
        (
            "Здравствуйте, {name}!\n\nКто-то, возможно вы, пытался зарегистрироваться с этим адресом, "
            "а учётная запись для него уже есть.\nВойти: {url}\n\nЕсли это были не вы, ничего делать не нужно.\n"
        ),
    ),
}


def _letter(texts: dict[str, tuple[str, str]], to: str, name: str, locale: str) -> Mail:
    subject, text = texts[locale]
    filled = text.format(name=name, url=settings().public_url)
    return Mail(to, subject, filled, f"<pre>{escape(filled)}</pre>")


def welcome(to: str, name: str, locale: str) -> Mail:
    return _letter(_WELCOME, to, name, locale)


def already_known(to: str, name: str, locale: str) -> Mail:
    return _letter(_ALREADY_KNOWN, to, name, locale)


def session_ended(to: str, name: str, locale: str) -> Mail:
    return _letter(_WELCOME, to, name, locale)
