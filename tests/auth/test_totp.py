"""An authenticator app as the second factor: turned on, asked for, guessed at, turned off."""

import asyncio
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient

from tests.auth.factors import (
    PASSWORD,
    Clock,
    age_sessions,
    claims,
    events,
    give_password,
    past_the_password,
    refused,
    second_half,
    turn_totp_on,
    unverify,
)
from tests.auth.postbox import Postbox
from tests.people import People, Person

WRONG = "000000"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("auth.totp.time", made)
    return made


@pytest.fixture
async def secret(ada: Person, clock: Clock) -> str:
    """Ada has a password and an app with this secret."""
    await give_password(ada)
    made, _ = await turn_totp_on(ada, clock)
    return made


async def _sign_in(client: AsyncClient, ada: Person, code: str) -> dict[str, Any]:
    return claims(await second_half(client, await past_the_password(client, ada), code=code))


async def test_an_app_counts_once_a_code_has_confirmed_it(client: AsyncClient, ada: Person, clock: Clock) -> None:
    await give_password(ada)
    begun = await ada.post("/v1/auth/me/mfa/totp", {})
    assert begun.status_code == 201
    assert begun.headers["cache-control"] == "no-store"
    secret = begun.json()["secret"]
    assert begun.json()["otpauth_uri"].startswith("otpauth://totp/Artel:")
    assert f"secret={secret}&issuer=Artel" in begun.json()["otpauth_uri"]
    order = {"email": ada.email, "password": PASSWORD, "transport": "body"}
    assert "access_token" in (await client.post("/v1/auth/login", json=order)).json()

    refused(await ada.post("/v1/auth/me/mfa/totp/confirm", {"code": WRONG}), 422, "WrongCode")
    assert (await ada.get("/v1/auth/me/mfa")).json() == {"totp": False, "recovery_codes_left": 0, "passkeys": 0}
    confirmed = await ada.post("/v1/auth/me/mfa/totp/confirm", {"code": clock.code(secret)})
    assert confirmed.status_code == 200
    assert confirmed.headers["cache-control"] == "no-store"
    assert (await ada.get("/v1/auth/me/mfa")).json() == {"totp": True, "recovery_codes_left": 10, "passkeys": 0}

    challenge = await past_the_password(client, ada)
    refused(await second_half(client, challenge, code=clock.code(secret)), 401, "InvalidCode")  # it confirmed already
    clock.forward()
    assert claims(await second_half(client, challenge, code=clock.code(secret)))["amr"] == "pwd otp"


async def test_the_owner_is_told_by_letter_and_log(
    ada: Person, clock: Clock, postbox: Postbox, owner_connection: psycopg.Connection
) -> None:
    await turn_totp_on(ada, clock)
    assert (await ada.client.delete("/v1/auth/me/mfa/totp", headers=ada.auth)).status_code == 204
    assert len(postbox.to(ada.email)) == 2
    assert all("authenticator app" in letter.text for letter in postbox.to(ada.email))
    assert events(owner_connection, ada) == ["totp_enabled", "totp_disabled"]


@pytest.mark.parametrize("steps", [-1, 0, 1])
async def test_a_clock_may_be_half_a_minute_off(
    client: AsyncClient, ada: Person, clock: Clock, secret: str, steps: int
) -> None:
    clock.forward(5)
    assert (await _sign_in(client, ada, clock.code(secret, steps)))["amr"] == "pwd otp"


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
async def test_a_clock_may_not_be_a_minute_off(
    client: AsyncClient, ada: Person, clock: Clock, secret: str, steps: int
) -> None:
    clock.forward(5)
    challenge = await past_the_password(client, ada)
    refused(await second_half(client, challenge, code=clock.code(secret, steps)), 401, "InvalidCode")


async def test_a_code_is_good_once_and_an_older_one_no_more_after_it(
    client: AsyncClient, ada: Person, clock: Clock, secret: str
) -> None:
    clock.forward(5)
    await _sign_in(client, ada, clock.code(secret))
    challenge = await past_the_password(client, ada)
    for steps in (0, -1):
        refused(await second_half(client, challenge, code=clock.code(secret, steps)), 401, "InvalidCode")
    assert (await second_half(client, challenge, code=clock.code(secret, 1))).status_code == 200


async def test_of_two_with_the_same_code_one_gets_in(
    client: AsyncClient, ada: Person, clock: Clock, secret: str
) -> None:
    halves = [await past_the_password(client, ada) for _ in range(4)]
    code = clock.code(secret)
    answers = await asyncio.gather(*(second_half(client, challenge, code=code) for challenge in halves))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_of_two_at_the_same_challenge_one_gets_in(
    client: AsyncClient, ada: Person, clock: Clock, secret: str
) -> None:
    challenge = await past_the_password(client, ada)
    answers = await asyncio.gather(*(second_half(client, challenge, code=clock.code(secret, n)) for n in (-1, 0, 1)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]
    refused(await second_half(client, challenge, code=clock.code(secret, 1)), 401, "InvalidChallenge")


async def test_the_sixth_guess_is_too_many_even_when_it_is_right(
    client: AsyncClient, ada: Person, clock: Clock, secret: str
) -> None:
    challenge = await past_the_password(client, ada)
    for _ in range(5):
        refused(await second_half(client, challenge, code=WRONG), 401, "InvalidCode")
    sixth = await second_half(client, challenge, code=clock.code(secret))
    refused(sixth, 429, "TooManyRequests")
    assert int(sixth.headers["retry-after"]) > 0


async def test_more_challenges_are_no_more_guesses(
    client: AsyncClient, ada: Person, clock: Clock, secret: str, owner_connection: psycopg.Connection
) -> None:
    """Of 20 an hour and account; what was right is not counted."""
    await _sign_in(client, ada, clock.code(secret))
    clock.forward()
    for _ in range(4):
        challenge = await past_the_password(client, ada)
        for _ in range(5):
            refused(await second_half(client, challenge, code=WRONG), 401, "InvalidCode")
    over = await second_half(client, await past_the_password(client, ada), code=clock.code(secret))
    refused(over, 429, "TooManyRequests")
    assert 0 < int(over.headers["retry-after"]) <= 3600
    assert events(owner_connection, ada).count("sign_in_failed") == 20


async def test_guesses_at_a_new_app_are_counted(ada: Person) -> None:
    assert (await ada.post("/v1/auth/me/mfa/totp", {})).status_code == 201
    for _ in range(20):
        refused(await ada.post("/v1/auth/me/mfa/totp/confirm", {"code": WRONG}), 422, "WrongCode")
    refused(await ada.post("/v1/auth/me/mfa/totp/confirm", {"code": WRONG}), 429, "TooManyRequests")


async def test_asking_again_replaces_what_was_not_confirmed(ada: Person, clock: Clock) -> None:
    refused(await ada.post("/v1/auth/me/mfa/totp/confirm", {"code": WRONG}), 409, "TotpNotOn")
    first, second = [(await ada.post("/v1/auth/me/mfa/totp", {})).json()["secret"] for _ in range(2)]
    assert first != second
    refused(await ada.post("/v1/auth/me/mfa/totp/confirm", {"code": clock.code(first)}), 422, "WrongCode")
    answer = await ada.post("/v1/auth/me/mfa/totp/confirm", {"code": clock.code(second)})
    assert answer.status_code == 200


async def test_an_app_in_use_is_not_replaced(ada: Person, clock: Clock) -> None:
    secret, _ = await turn_totp_on(ada, clock)
    refused(await ada.post("/v1/auth/me/mfa/totp", {}), 409, "TotpAlreadyOn")
    refused(await ada.post("/v1/auth/me/mfa/totp/confirm", {"code": clock.code(secret)}), 409, "TotpAlreadyOn")


async def test_turned_off_the_password_is_enough(client: AsyncClient, ada: Person, secret: str) -> None:
    assert (await client.delete("/v1/auth/me/mfa/totp", headers=ada.auth)).status_code == 204
    assert (await ada.get("/v1/auth/me/mfa")).json() == {"totp": False, "recovery_codes_left": 0, "passkeys": 0}
    order = {"email": ada.email, "password": PASSWORD, "transport": "body"}
    assert "access_token" in (await client.post("/v1/auth/login", json=order)).json()
    refused(await client.delete("/v1/auth/me/mfa/totp", headers=ada.auth), 409, "TotpNotOn")


async def test_scope_and_device_come_through_both_halves(
    client: AsyncClient, ada: Person, clock: Clock, secret: str
) -> None:
    first = await second_half(client, await past_the_password(client, ada), code=clock.code(secret))
    device = first.json()["device_token"]
    clock.forward()
    challenge = await past_the_password(client, ada, scope="money:read", device_token=device)
    again = await second_half(client, challenge, code=clock.code(secret))
    assert claims(again)["scope"] == "money:read"
    assert again.json()["device_token"] == device


async def test_a_role_lost_between_the_halves_is_lost(
    client: AsyncClient, people: People, clock: Clock, owner_connection: psycopg.Connection
) -> None:
    grace = await people.person("Grace", roles=("user", "auditor"))
    await give_password(grace)
    secret, _ = await turn_totp_on(grace, clock)
    challenge = await past_the_password(client, grace, scope="audit:read money:read")
    owner_connection.execute("UPDATE auth.users SET roles = '{user}' WHERE id = %s", [grace.id])
    assert claims(await second_half(client, challenge, code=clock.code(secret)))["scope"] == "money:read"


@pytest.mark.parametrize("column", ["disabled_at", "deleted_at"])
async def test_an_account_closed_between_the_halves_stays_closed(
    client: AsyncClient, ada: Person, clock: Clock, secret: str, owner_connection: psycopg.Connection, column: str
) -> None:
    challenge = await past_the_password(client, ada)
    owner_connection.execute(f"UPDATE auth.users SET {column} = now() WHERE id = %s", [ada.id])
    refused(await second_half(client, challenge, code=clock.code(secret)), 401, "InvalidChallenge")


async def test_a_password_changed_between_the_halves_ends_the_sign_in(
    client: AsyncClient, ada: Person, clock: Clock, secret: str
) -> None:
    challenge = await past_the_password(client, ada)
    change = {"current_password": PASSWORD, "new_password": "staple the battery to a horse"}
    assert (await ada.post("/v1/auth/me/password", change)).status_code < 300
    refused(await second_half(client, challenge, code=clock.code(secret)), 401, "InvalidChallenge")


async def test_a_challenge_ends_after_ten_minutes(
    client: AsyncClient, ada: Person, clock: Clock, secret: str, owner_connection: psycopg.Connection
) -> None:
    challenge = await past_the_password(client, ada)
    life = owner_connection.execute(
        "SELECT extract(epoch FROM expires_at - created_at) FROM auth.challenges WHERE user_id = %s", [ada.id]
    )
    assert [int(row[0]) for row in life] == [600]
    owner_connection.execute("UPDATE auth.challenges SET expires_at = now() WHERE user_id = %s", [ada.id])
    refused(await second_half(client, challenge, code=clock.code(secret)), 401, "InvalidChallenge")


async def test_a_challenge_of_another_kind_is_none(client: AsyncClient, clock: Clock, secret: str) -> None:
    other = (await client.post("/v1/auth/login/passkey/options", json={})).json()["challenge"]
    refused(await second_half(client, other, code=clock.code(secret)), 401, "InvalidChallenge")


@pytest.mark.parametrize("challenge", ["", "x", "A" * 64, "A" * 63 + "é", "A" * 100])
async def test_a_made_up_challenge_is_401(client: AsyncClient, challenge: str) -> None:
    refused(await second_half(client, challenge, code=WRONG), 401, "InvalidChallenge")


async def test_a_challenge_is_no_bearer_token(client: AsyncClient, ada: Person, secret: str) -> None:
    headers = {"Authorization": f"Bearer {await past_the_password(client, ada)}"}
    for path in ("/v1/auth/me", "/v1/auth/me/mfa", "/v1/money/accounts"):
        assert (await client.get(path, headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"code": "12345"},
        {"code": "1234567"},
        {"code": "12345\n"},
        {"code": "123456\n"},
        {"code": "12345\0"},
        {"code": "１２３４５６"},
        {"code": 123456},
        {"code": "1" * 10_000},
        {"code": "123456", "recovery_code": "00000-00000"},
        {"recovery_code": "0" * 10_000},
        {"recovery_code": "\ud800" * 10},
        {"code": "123456", "challenge": "x" * 10_000},
        {"code": "123456", "scope": "admin"},
        {"code": "123456", "user_id": "1"},
    ],
)
async def test_a_malformed_second_half_is_422(client: AsyncClient, proof: dict[str, Any]) -> None:
    answer = await second_half(client, **{"challenge": "x", **proof})
    refused(answer, 422, "MalformedRequest")


async def test_the_table_does_not_tell_the_secret(
    ada: Person, secret: str, owner_connection: psycopg.Connection
) -> None:
    row = owner_connection.execute("SELECT secret FROM auth.totp WHERE user_id = %s", [ada.id]).fetchone()
    assert row is not None
    assert secret.encode() not in bytes(row[0])


async def test_a_change_wants_a_sign_in_of_a_short_while_ago(
    ada: Person, clock: Clock, secret: str, owner_connection: psycopg.Connection
) -> None:
    age_sessions(owner_connection, ada)
    refused(await ada.post("/v1/auth/me/mfa/totp", {}), 403, "ReauthenticationRequired")
    confirm = await ada.post("/v1/auth/me/mfa/totp/confirm", {"code": clock.code(secret)})
    refused(confirm, 403, "ReauthenticationRequired")
    off = await ada.client.delete("/v1/auth/me/mfa/totp", headers=ada.auth)
    refused(off, 403, "ReauthenticationRequired")
    assert (await ada.get("/v1/auth/me/mfa")).json()["totp"] is True


async def test_an_unproved_address_gets_no_app(ada: Person, clock: Clock, owner_connection: psycopg.Connection) -> None:
    secret = (await ada.post("/v1/auth/me/mfa/totp", {})).json()["secret"]
    unverify(owner_connection, ada)
    refused(await ada.post("/v1/auth/me/mfa/totp", {}), 403, "EmailNotVerified")
    confirm = await ada.post("/v1/auth/me/mfa/totp/confirm", {"code": clock.code(secret)})
    refused(confirm, 403, "EmailNotVerified")


async def test_a_token_without_the_scope_profile_sees_nothing_of_it(people: People) -> None:
    reader = await people.person("Reader", scope=frozenset({"money:read"}))
    refused(await reader.get("/v1/auth/me/mfa"), 403, "Forbidden")
    refused(await reader.post("/v1/auth/me/mfa/totp", {}), 403, "Forbidden")
