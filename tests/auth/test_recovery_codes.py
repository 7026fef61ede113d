"""Ten codes on paper: shown once, each good once, forgiving of how they are typed."""

import asyncio
import re
from collections.abc import Callable

import psycopg
import pytest
from httpx import AsyncClient

from tests.auth.factors import (
    Clock,
    age_sessions,
    claims,
    events,
    give_password,
    past_the_password,
    refused,
    second_half,
    turn_totp_on,
)
from tests.auth.postbox import Postbox
from tests.people import Person


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("auth.totp.time", made)
    return made


@pytest.fixture
async def codes(ada: Person, clock: Clock) -> list[str]:
    await give_password(ada)
    _, made = await turn_totp_on(ada, clock)
    return made


async def test_there_are_ten_that_nobody_misreads(codes: list[str]) -> None:
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}", code) for code in codes)


async def test_each_signs_in_once(
    client: AsyncClient,
    ada: Person,
    codes: list[str],
    postbox: Postbox,
    owner_connection: psycopg.Connection,
) -> None:
    answer = await second_half(client, await past_the_password(client, ada), recovery_code=codes[0])
    assert claims(answer)["amr"] == "pwd rcv"
    assert answer.headers["cache-control"] == "no-store"
    assert (await ada.get("/v1/auth/me/mfa")).json()["recovery_codes_left"] == 9
    assert "9" in postbox.to(ada.email)[-1].text
    assert events(owner_connection, ada) == ["totp_enabled", "recovery_code_used", "signed_in"]
    challenge = await past_the_password(client, ada)
    refused(await second_half(client, challenge, recovery_code=codes[0]), 401, "InvalidCode")
    assert claims(await second_half(client, challenge, recovery_code=codes[1]))["amr"] == "pwd rcv"


@pytest.mark.parametrize(
    "typed",
    [
        str.upper,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: f" {code[0]} {code[1:]} ",
        lambda code: code.replace("0", "O").replace("1", "l"),
    ],
    ids=["capitals", "no hyphen", "a space", "spaces", "misread"],
)
async def test_how_it_is_typed_does_not_matter(
    client: AsyncClient, ada: Person, codes: list[str], typed: Callable[[str], str]
) -> None:
    challenge = await past_the_password(client, ada)
    assert (await second_half(client, challenge, recovery_code=typed(codes[3]))).status_code == 200


async def test_of_many_with_the_same_one_one_gets_in(client: AsyncClient, ada: Person, codes: list[str]) -> None:
    halves = [await past_the_password(client, ada) for _ in range(4)]
    answers = await asyncio.gather(*(second_half(client, challenge, recovery_code=codes[0]) for challenge in halves))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    assert (await ada.get("/v1/auth/me/mfa")).json()["recovery_codes_left"] == 9


async def test_at_one_challenge_only_one_is_spent(client: AsyncClient, ada: Person, codes: list[str]) -> None:
    challenge = await past_the_password(client, ada)
    answers = await asyncio.gather(*(second_half(client, challenge, recovery_code=code) for code in codes[:3]))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]
    assert (await ada.get("/v1/auth/me/mfa")).json()["recovery_codes_left"] == 9


async def test_guesses_are_counted_with_those_of_the_app(client: AsyncClient, ada: Person, codes: list[str]) -> None:
    challenge = await past_the_password(client, ada)
    for proof in ({"recovery_code": "zzzzz-zzzzz"}, {"code": "000000"}) * 2:
        refused(await second_half(client, challenge, **proof), 401, "InvalidCode")
    refused(await second_half(client, challenge, recovery_code="00000-00000"), 401, "InvalidCode")
    refused(await second_half(client, challenge, recovery_code=codes[0]), 429, "TooManyRequests")


async def test_another_persons_code_is_worth_nothing(
    client: AsyncClient, ada: Person, bob: Person, codes: list[str], clock: Clock
) -> None:
    await give_password(bob)
    _, bobs = await turn_totp_on(bob, clock)
    challenge = await past_the_password(client, ada)
    refused(await second_half(client, challenge, recovery_code=bobs[0]), 401, "InvalidCode")
    assert (await bob.get("/v1/auth/me/mfa")).json()["recovery_codes_left"] == 10


async def test_new_ones_void_the_old(client: AsyncClient, ada: Person, codes: list[str]) -> None:
    answer = await ada.post("/v1/auth/me/mfa/recovery-codes", {})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    fresh = answer.json()["recovery_codes"]
    assert len(fresh) == 10
    assert not set(fresh) & set(codes)
    challenge = await past_the_password(client, ada)
    refused(await second_half(client, challenge, recovery_code=codes[0]), 401, "InvalidCode")
    assert (await second_half(client, challenge, recovery_code=fresh[0])).status_code == 200


async def test_asked_for_at_once_from_all_sides_there_are_still_ten(ada: Person, codes: list[str]) -> None:
    answers = await asyncio.gather(*(ada.post("/v1/auth/me/mfa/recovery-codes", {}) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert (await ada.get("/v1/auth/me/mfa")).json()["recovery_codes_left"] == 10


async def test_the_table_does_not_tell_them(
    ada: Person, codes: list[str], owner_connection: psycopg.Connection
) -> None:
    rows = owner_connection.execute("SELECT code_hash FROM auth.recovery_codes WHERE user_id = %s", [ada.id]).fetchall()
    assert len(rows) == 10
    assert {len(bytes(row[0])) for row in rows} == {32}


async def test_without_an_app_there_are_none(ada: Person) -> None:
    refused(await ada.post("/v1/auth/me/mfa/recovery-codes", {}), 409, "TotpNotOn")
    assert (await ada.post("/v1/auth/me/mfa/totp", {})).status_code == 201
    refused(await ada.post("/v1/auth/me/mfa/recovery-codes", {}), 409, "TotpNotOn")


async def test_new_ones_want_a_sign_in_of_a_short_while_ago(
    ada: Person, codes: list[str], owner_connection: psycopg.Connection
) -> None:
    age_sessions(owner_connection, ada)
    refused(await ada.post("/v1/auth/me/mfa/recovery-codes", {}), 403, "ReauthenticationRequired")
