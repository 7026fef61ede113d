"""What is in the Authorization header, or beside it, and is no access token."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.attacks.authenticator import challenge, turn_on
from tests.attacks.door import Door, bearer, refused
from tests.attacks.members import PASSWORD, Member, SignedIn, member
from tests.attacks.silence import says_nothing
from tests.server.ways import ByLambda

type Pairs = list[tuple[str, str]]


def _one(value: str) -> Pairs:
    return [("Authorization", value)]


MALFORMED: dict[str, Callable[[str], Pairs]] = {
    "none": lambda t: [],
    "empty": lambda t: _one(""),
    "only a scheme": lambda t: _one("Bearer"),
    "another scheme": lambda t: _one(f"Basic {t}"),
    "a scheme that begins alike": lambda t: _one(f"BearerX {t}"),
    "no scheme": _one,
    "two blanks": lambda t: _one(f"Bearer  {t}"),
    "a tabulator": lambda t: _one(f"Bearer\t{t}"),
    "two of two kinds": lambda t: [*_one("Basic YWRtaW46YWRtaW4="), *_one(f"Bearer {t}")],
    "two, the right one first": lambda t: [*_one(f"Bearer {t}"), *_one("Bearer x")],
    "two, the right one last": lambda t: [*_one("Bearer x"), *_one(f"Bearer {t}")],
    "twice the same": lambda t: [*_one(f"Bearer {t}"), *_one(f"Bearer {t}")],
    "two in one": lambda t: _one(f"Bearer {t}, Bearer {t}"),
    "two with a blank": lambda t: _one(f"Bearer {t} {t}"),
    "the scheme twice": lambda t: _one(f"Bearer Bearer {t}"),
    "quoted": lambda t: _one(f'Bearer "{t}"'),
    "with a comma": lambda t: _one(f"Bearer {t},"),
    "as a parameter": lambda t: _one(f"Bearer token={t}"),
    "basic with nothing": lambda t: _one("Basic Og=="),
    "dots": lambda t: _one("Bearer .."),
    "null": lambda t: _one("Bearer null"),
    "4 KB": lambda t: _one(f"Bearer {'a' * 4097}"),
    "in a cookie": lambda t: [("Cookie", f"access_token={t}; artel-refresh={t}")],
    "in another header": lambda t: [("X-Access-Token", t), ("X-Authorization", f"Bearer {t}")],
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_a_malformed_credential_is_refused_without_a_hint(door: Door, victim: SignedIn, name: str) -> None:
    for answer in await door.knock(MALFORMED[name](victim.access)):
        says_nothing(door, answer)


async def test_a_token_in_the_query_is_none(door: Door, victim: SignedIn) -> None:
    for query in (f"access_token={victim.access}", f"authorization=Bearer%20{victim.access}"):
        says_nothing(door, await door.send("GET", f"/v1/auth/me?{query}"))


async def _personal_token(ada: Member) -> str:
    order = {"name": "script", "scope": "money:read"}
    return str((await (await ada.sign_in()).made("POST", "/v1/auth/me/tokens", order))["token"])


async def _challenge(ada: Member) -> str:
    await turn_on(await ada.sign_in())
    return await challenge(ada)


async def _mail_token(ada: Member) -> str:
    from tests.attacks.mailbox import open_mailbox

    with open_mailbox(ada.door.owner) as mailbox:
        await ada.door.call("POST", "/v1/auth/password/forgot", {"email": ada.email})
        return mailbox.token(ada.email)


async def _refresh_token(ada: Member) -> str:
    return (await ada.sign_in()).refresh


async def _device_token(ada: Member) -> str:
    return (await ada.sign_in()).device


OTHER_TOKENS: dict[str, Callable[[Member], Awaitable[str]]] = {
    "refresh": _refresh_token,
    "reset": _mail_token,
    "personal": _personal_token,
    "second factor pending": _challenge,
    "device": _device_token,
}


@pytest.mark.parametrize("kind", OTHER_TOKENS)
async def test_a_token_of_another_kind_opens_nothing(door: Door, ada: Member, kind: str) -> None:
    for answer in await door.knock(bearer(await OTHER_TOKENS[kind](ada))):
        says_nothing(door, answer)


def _claims_of(victim: SignedIn) -> dict[str, Any]:
    import jwt

    claims = jwt.decode(victim.access, options={"verify_signature": False})
    return {name: str(value) for name, value in claims.items()} | {"scope": "admin profile money:read"}


async def test_headers_that_say_what_a_gateway_would_are_only_headers(door: Door, victim: SignedIn) -> None:
    context = json.dumps({"authorizer": {"jwt": {"claims": _claims_of(victim), "scopes": None}}})
    user = _claims_of(victim)["sub"]
    headers = [
        ("requestContext", context),
        ("X-Amzn-Request-Context", context),
        ("X-Amz-Request-Context", context),
        ("X-Apigateway-Event", json.dumps({"requestContext": json.loads(context)})),
        ("X-Amzn-Oidc-Identity", user),
        ("X-Forwarded-User", user),
        ("X-User-Id", user),
        ("X-Authenticated-Scope", "admin"),
    ]
    for answer in await door.knock(headers):
        says_nothing(door, answer)


async def test_claims_in_an_event_are_not_believed_without_the_token(door_of_lambda: Door) -> None:
    """Whoever may invoke a function but did not pass the gateway is nobody. The authorizers of all three kinds."""
    door = door_of_lambda
    assert isinstance(door.way, ByLambda)
    victim = await member(door, "Ada", "admin").sign_in()
    claims = _claims_of(victim)
    authorizers = {"jwt": {"claims": claims, "scopes": ["admin"]}, "claims": claims, "lambda": claims, "iam": claims}
    for path in ("/v1/auth/me", "/v1/auth/admin/users", "/v1/money/accounts", "/v1/analytics/datasets"):
        for header in ({}, bearer("x.y.z")):
            answer = await door.way("GET", path, header, None, authorizer=authorizers)
            says_nothing(door, answer)


async def test_claims_in_an_event_do_not_widen_a_genuine_token(door_of_lambda: Door) -> None:
    door = door_of_lambda
    assert isinstance(door.way, ByLambda)
    mallory, ada = member(door, "Mallory"), member(door, "Ada")
    theirs = bearer((await mallory.sign_in()).access)
    claims = {"sub": str(ada.id), "scope": "admin profile"}
    authorizer = {"jwt": {"claims": claims, "scopes": ["admin"]}}
    refused(await door.way("GET", "/v1/auth/admin/users", theirs, None, authorizer=authorizer), 403, "Forbidden")
    answer = await door.way("GET", "/v1/auth/me", theirs, None, authorizer=authorizer)
    assert answer.json["id"] == str(mallory.id)


async def test_the_address_that_is_noted_is_not_the_caller_s_to_say(door: Door, ada: Member) -> None:
    order = {"email": ada.email, "password": PASSWORD}
    claimed = [("X-Forwarded-For", "203.0.113.99"), ("X-Real-IP", "203.0.113.99"), ("Forwarded", "for=203.0.113.99")]
    assert (await door.call("POST", "/v1/auth/login", order, claimed)).status == 200
    noted = door.owner.execute("SELECT address FROM auth.audit_log WHERE user_id = %s", [ada.id]).fetchall()
    assert noted == [("127.0.0.1",)]
