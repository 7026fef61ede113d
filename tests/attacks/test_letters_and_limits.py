"""Whoever has no account, or not this one: what can be had with an address, a guess, and a forged Host."""

from typing import Any

import pytest

from tests.attacks.authenticator import turn_on
from tests.attacks.door import Door, refused
from tests.attacks.mailbox import Mailbox
from tests.attacks.members import PASSWORD, Member, SignedIn, address, member, refresh, signed_in
from tests.attacks.silence import says_nothing, without_id

EVIL = "attacker.example"
POISON: dict[str, list[tuple[str, str]]] = {
    "Host": [("Host", EVIL)],
    "X-Forwarded-Host": [("X-Forwarded-Host", EVIL), ("X-Forwarded-Proto", "http"), ("X-Forwarded-Port", "1")],
    "Forwarded": [("Forwarded", f"for=1.2.3.4;host={EVIL};proto=http")],
    "X-Original-Host": [("X-Original-Host", EVIL), ("X-Host", EVIL), ("X-Forwarded-Server", EVIL)],
    "X-Original-URL": [("X-Original-URL", f"https://{EVIL}/"), ("X-Rewrite-URL", f"https://{EVIL}/")],
    "Origin": [("Origin", f"https://{EVIL}"), ("Referer", f"https://{EVIL}/")],
    "X-Forwarded-Prefix": [("X-Forwarded-Prefix", f"//{EVIL}"), ("X-Script-Name", f"//{EVIL}")],
}


@pytest.mark.parametrize("name", POISON)
async def test_a_letter_links_to_our_own_page_whatever_the_request_says(
    door: Door, ada: Member, mailbox: Mailbox, name: str
) -> None:
    new = address("new")
    signing_up = {"email": new, "password": PASSWORD, "display_name": "New"}
    for path, order in (("password/forgot", {"email": ada.email}), ("register", signing_up)):
        answer = await door.call("POST", f"/v1/auth/{path}", order, POISON[name])
        assert answer.status == 202, answer
    for letter in (*mailbox.to(ada.email), *mailbox.to(new)):
        assert f"{door.origin}/" in letter
        assert EVIL not in letter
    assert len(mailbox.to(ada.email)) == len(mailbox.to(new)) == 1


async def test_a_letter_goes_to_the_stored_address(door: Door, ada: Member, mailbox: Mailbox) -> None:
    """Not to one that merely compares equal: two that look alike may be two mailboxes."""
    assert (await door.call("POST", "/v1/auth/password/forgot", {"email": ada.email.upper()})).status == 202
    assert len(mailbox.to(ada.email)) == 1


async def _registered(door: Door, email: str, password: str, name: str = "Ada") -> None:
    order = {"email": email, "password": password, "display_name": name}
    assert (await door.call("POST", "/v1/auth/register", order)).status == 202


async def _sign_in(door: Door, email: str, password: str) -> SignedIn:
    answer = await door.call("POST", "/v1/auth/login", {"email": email, "password": password, "transport": "body"})
    assert answer.status == 200, answer
    return signed_in(door, answer)


async def test_who_signed_up_with_another_s_address_is_out_once_it_is_verified(door: Door, mailbox: Mailbox) -> None:
    email = address("victim")
    await _registered(door, email, "what the attacker chose")
    attacker = await _sign_in(door, email, "what the attacker chose")
    await _registered(door, email, "what the owner chose")
    assert (await door.call("POST", "/v1/auth/verify-email", {"token": mailbox.token(email)})).status == 204
    for answer in await door.knock({"Authorization": f"Bearer {attacker.access}"}):
        says_nothing(door, answer)
    refused(await refresh(door, attacker.refresh), 401, "InvalidRefreshToken")
    order = {"email": email, "password": "what the attacker chose"}
    refused(await door.call("POST", "/v1/auth/login", order), 401, "InvalidCredentials")


async def test_before_the_address_is_verified_no_lasting_way_in_can_be_planted(door: Door) -> None:
    attacker = await member(door, "Ada", verified=False).sign_in()
    for path, order in (
        ("mfa/totp", None),
        ("tokens", {"name": "n", "scope": "money:read"}),
        ("passkeys/options", None),
    ):
        refused(await attacker.call("POST", f"/v1/auth/me/{path}", order), 403, "EmailNotVerified")


async def test_a_new_address_is_nobody_s_until_its_letter_is_followed(
    door: Door, ada: Member, mailbox: Mailbox
) -> None:
    hers, new = await ada.sign_in(), address("new")
    assert (await hers.call("POST", "/v1/auth/me/email", {"email": new})).status == 202
    assert (await hers.made("GET", "/v1/auth/me"))["email"] == ada.email
    assert "#token=" not in "".join(mailbox.to(ada.email))  # the old one is warned, and gets no key
    assert (await door.call("POST", "/v1/auth/confirm-email", {"token": mailbox.token(new)})).status == 204
    assert (await hers.made("GET", "/v1/auth/me"))["email"] == new


async def test_an_address_that_is_taken_cannot_be_taken_over(
    door: Door, ada: Member, bob: Member, mailbox: Mailbox
) -> None:
    his = await bob.sign_in()
    assert (await his.call("POST", "/v1/auth/me/email", {"email": ada.email})).status == 202
    assert "#token=" not in "".join([*mailbox.to(ada.email), *mailbox.to(bob.email)])
    assert (await his.made("GET", "/v1/auth/me"))["email"] == bob.email


async def _answers(door: Door, known: str, unknown: str, path: str, **order: Any) -> None:
    told = [await door.call("POST", f"/v1/auth/{path}", {"email": email, **order}) for email in (known, unknown)]
    assert told[0].status == told[1].status
    assert without_id(told[0]) == without_id(told[1])
    assert told[0].headers.keys() == told[1].headers.keys()


async def test_nobody_is_told_whether_an_address_has_an_account(door: Door, ada: Member) -> None:
    unknown = address("nobody")
    await _answers(door, ada.email, unknown, "login", password="a wrong password")
    await _answers(door, ada.email, unknown, "password/forgot")
    await _answers(door, ada.email, unknown, "verify-email/resend")
    await _answers(door, ada.email, address("new"), "register", password=PASSWORD, display_name="X")


async def test_the_sixth_wrong_password_is_one_too_many_and_says_no_more(door: Door, ada: Member) -> None:
    """Whoever changes the headers that name an address has no more tries; a known device still gets in."""
    device = (await ada.sign_in()).device
    for email in (ada.email, address("nobody")):
        for n in range(7):
            headers = [
                ("X-Forwarded-For", f"10.0.0.{n}"),
                ("X-Real-IP", f"10.0.1.{n}"),
                ("Forwarded", f"for=10.0.2.{n}"),
            ]
            order = {"email": email, "password": "a wrong password"}
            answer = await door.call("POST", "/v1/auth/login", order, headers)
            if n < 5:
                refused(answer, 401, "InvalidCredentials")
            else:
                refused(answer, 429, "TooManyRequests")
                assert 0 < int(answer.headers["retry-after"]) <= 900
    refused(await ada.try_to_sign_in(), 429, "TooManyRequests")
    refused(await ada.try_to_sign_in(device_token=device[:-4] + "AAA="), 429, "TooManyRequests")
    await ada.sign_in(device_token=device)


async def test_another_account_s_device_is_a_stranger(door: Door, ada: Member, bob: Member) -> None:
    """Else anybody's own device would be a second set of tries at everybody's account."""
    his = (await bob.sign_in()).device
    for _ in range(5):
        refused(await ada.try_to_sign_in("a wrong password", device_token=his), 401, "InvalidCredentials")
    refused(await ada.try_to_sign_in(device_token=his), 429, "TooManyRequests")


async def test_passwords_cannot_be_guessed_with_a_stolen_access_token(door: Door, ada: Member) -> None:
    hers = await ada.sign_in()
    order = {"current_password": "a wrong password", "new_password": "another battery of horses"}
    for _ in range(10):
        refused(await hers.call("POST", "/v1/auth/me/password", order), 403, "WrongPassword")
    right = {**order, "current_password": PASSWORD}
    refused(await hers.call("POST", "/v1/auth/me/password", right), 429, "TooManyRequests")


async def test_half_a_sign_in_is_none(door: Door, ada: Member) -> None:
    await turn_on(await ada.sign_in())
    answer = await ada.try_to_sign_in()
    assert answer.json.keys() == {"mfa_required", "challenge", "methods", "expires_in"}
    assert not answer.cookies
