"""A token that was somebody's, after it should be nobody's any more."""

from collections.abc import Awaitable, Callable

import pytest

from tests.attacks.door import Door, bearer, refused
from tests.attacks.mailbox import Mailbox, open_mailbox
from tests.attacks.members import PASSWORD, Member, SignedIn, member, refresh
from tests.attacks.silence import says_nothing, without_id

NEW = "another battery of horses"


async def _dead(signed_in: SignedIn) -> None:
    """In every group, and for good."""
    for answer in await signed_in.door.knock(bearer(signed_in.access)):
        says_nothing(signed_in.door, answer)
    refused(await refresh(signed_in.door, signed_in.refresh), 401, "InvalidRefreshToken")


async def _alive(signed_in: SignedIn) -> None:
    assert (await signed_in.call("GET", "/v1/auth/me")).status == 200


async def _log_out(ada: Member, hers: SignedIn) -> None:
    await ada.door.call("POST", "/v1/auth/logout", {"refresh_token": hers.refresh})


async def _end_it_elsewhere(ada: Member, hers: SignedIn) -> None:
    elsewhere = await ada.sign_in()
    for found in (await elsewhere.made("GET", "/v1/auth/me/sessions"))["items"]:
        if not found["current"]:
            assert (await elsewhere.call("DELETE", f"/v1/auth/me/sessions/{found['id']}")).status == 204


async def _end_all_others(ada: Member, hers: SignedIn) -> None:
    assert (await (await ada.sign_in()).made("DELETE", "/v1/auth/me/sessions"))["ended"] == 1


async def _change_password(ada: Member, hers: SignedIn) -> None:
    order = {"current_password": PASSWORD, "new_password": NEW, "transport": "body"}
    await (await ada.sign_in()).made("POST", "/v1/auth/me/password", order)


async def _change_password_here(ada: Member, hers: SignedIn) -> None:
    order = {"current_password": PASSWORD, "new_password": NEW, "transport": "body"}
    await hers.made("POST", "/v1/auth/me/password", order)


async def _reset_password(ada: Member, hers: SignedIn) -> None:
    with open_mailbox(ada.door.owner) as mailbox:
        await ada.door.call("POST", "/v1/auth/password/forgot", {"email": ada.email})
        order = {"token": mailbox.token(ada.email), "password": NEW}
    assert (await ada.door.call("POST", "/v1/auth/password/reset", order)).status == 204


async def _disable(ada: Member, hers: SignedIn) -> None:
    boss = await member(ada.door, "Boss", "admin").sign_in()
    await boss.made("POST", f"/v1/auth/admin/users/{ada.id}/disable", {"reason": "a test"})


async def _revoke_by_administrator(ada: Member, hers: SignedIn) -> None:
    boss = await member(ada.door, "Boss", "admin").sign_in()
    await boss.made("POST", f"/v1/auth/admin/users/{ada.id}/revoke-sessions")


async def _delete(ada: Member, hers: SignedIn) -> None:
    answer = await (await ada.sign_in()).call("DELETE", "/v1/auth/me", {"confirm": ada.email})
    assert answer.status == 204, answer


ENDINGS: dict[str, Callable[[Member, SignedIn], Awaitable[None]]] = {
    "logout": _log_out,
    "ended elsewhere": _end_it_elsewhere,
    "all others ended": _end_all_others,
    "password changed elsewhere": _change_password,
    "password changed here": _change_password_here,
    "password reset": _reset_password,
    "disabled": _disable,
    "ended by an administrator": _revoke_by_administrator,
    "deleted": _delete,
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_after_the_end_a_session_is_dead_in_every_group(ada: Member, ending: str) -> None:
    hers = await ada.sign_in()
    await _alive(hers)
    await ENDINGS[ending](ada, hers)
    await _dead(hers)


@pytest.mark.parametrize("ending", ["disabled", "deleted"])
async def test_a_closed_account_signs_in_no_more_and_does_not_say_why(door: Door, ada: Member, ending: str) -> None:
    await ENDINGS[ending](ada, await ada.sign_in())
    closed = await ada.try_to_sign_in()
    unknown = await member(door, "Nobody").try_to_sign_in("a wrong password")
    assert closed.status == unknown.status == 401
    assert without_id(closed) == without_id(unknown)


async def test_a_refresh_token_of_the_past_ends_the_session_for_thief_and_owner(ada: Member, mailbox: Mailbox) -> None:
    """One of the parent's would be a lost answer for ten seconds; this is its parent's."""
    first = await ada.sign_in()
    second = await first.refreshed()
    third = await second.refreshed()
    await _alive(third)
    refused(await refresh(ada.door, first.refresh), 401, "InvalidRefreshToken")
    for each in (first, second, third):
        await _dead(each)
    assert len(mailbox.to(ada.email)) == 1


async def test_a_parent_s_refresh_token_is_dead_too_once_the_grace_is_over(door: Door, ada: Member) -> None:
    first = await ada.sign_in()
    second = await first.refreshed()
    late = "UPDATE auth.sessions SET rotated_at = now() - interval '11 seconds' WHERE user_id = %s"
    assert door.owner.execute(late, [ada.id]).rowcount == 1
    refused(await refresh(door, first.refresh), 401, "InvalidRefreshToken")
    await _dead(second)


async def test_a_made_up_refresh_token_is_refused(door: Door, ada: Member) -> None:
    genuine = (await ada.sign_in()).refresh
    changed = [genuine[:-1], f"{genuine}=", "B" + genuine[1:], genuine[:30] + "AAAA" + genuine[34:], genuine[::-1]]
    for token in (*changed, "x", "null", "é", "a" * 200):
        assert (await refresh(door, token)).status == 401, token
    assert (await refresh(door, "a" * 10_000)).status == 422
    assert (await refresh(door, genuine)).status == 200  # none of them was its session's


async def test_a_reset_link_works_once_and_for_its_account(door: Door, ada: Member, mailbox: Mailbox) -> None:
    for _ in range(2):
        await door.call("POST", "/v1/auth/password/forgot", {"email": ada.email})
    older, newer = (letter.partition("#token=")[2].split()[0] for letter in mailbox.to(ada.email))
    reset = "/v1/auth/password/reset"
    refused(await door.call("POST", reset, {"token": older, "password": NEW}), 401, "InvalidMailToken")
    assert (await door.call("POST", reset, {"token": newer, "password": NEW})).status == 204
    refused(await door.call("POST", reset, {"token": newer, "password": NEW}), 401, "InvalidMailToken")
    assert (await ada.try_to_sign_in()).status == 401
    await _alive(await ada.sign_in(NEW))


async def test_a_link_of_one_kind_is_none_of_another(door: Door, ada: Member, mailbox: Mailbox) -> None:
    await door.call("POST", "/v1/auth/password/forgot", {"email": ada.email})
    token = mailbox.token(ada.email)
    for path in ("verify-email", "confirm-email", "restore"):
        refused(await door.call("POST", f"/v1/auth/{path}", {"token": token}), 401, "InvalidMailToken")
    assert (await door.call("POST", "/v1/auth/password/reset", {"token": token, "password": NEW})).status == 204


async def test_a_revoked_personal_token_and_what_it_was_exchanged_for_are_dead(door: Door, ada: Member) -> None:
    hers = await ada.sign_in()
    made = await hers.made("POST", "/v1/auth/me/tokens", {"name": "script", "scope": "money:read"})
    exchange = {"token": made["token"]}
    access = (await door.call("POST", "/v1/auth/tokens/exchange", exchange)).json["access_token"]
    assert (await door.call("GET", "/v1/money/accounts", headers=bearer(access))).status == 200
    assert (await hers.call("DELETE", f"/v1/auth/me/tokens/{made['id']}")).status == 204
    says_nothing(door, await door.call("GET", "/v1/money/accounts", headers=bearer(access)))
    refused(await door.call("POST", "/v1/auth/tokens/exchange", exchange), 401, "InvalidPersonalToken")


async def test_a_reset_takes_personal_tokens_along(door: Door, ada: Member) -> None:
    hers = await ada.sign_in()
    made = await hers.made("POST", "/v1/auth/me/tokens", {"name": "script", "scope": "money:read"})
    access = (await door.call("POST", "/v1/auth/tokens/exchange", {"token": made["token"]})).json["access_token"]
    await _reset_password(ada, hers)
    says_nothing(door, await door.call("GET", "/v1/money/accounts", headers=bearer(access)))
    again = await door.call("POST", "/v1/auth/tokens/exchange", {"token": made["token"]})
    refused(again, 401, "InvalidPersonalToken")
