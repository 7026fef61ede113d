from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.money.parties import Sql
from tests.people import People, Person

HOLDS = "/v1/money/holds"


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(500)


@pytest.fixture
async def his(bob: Person) -> str:
    return await bob.account()


def order(source: str, target: str, amount: Any, **other: Any) -> dict[str, Any]:
    return {"account_id": source, "payee_account_id": target, "amount": amount, "currency": "EUR", **other}


@pytest.fixture
async def hold(ada: Person, hers: str, his: str) -> str:
    """Of 300 of 500."""
    made = await ada.post(HOLDS, order(hers, his, 300))
    assert made.status_code == 201
    return str(made.json()["id"])


async def figures(person: Person, account: str) -> tuple[int, int, int]:
    read = (await person.get(f"/v1/money/accounts/{account}")).json()
    return read["balance"], read["held"], read["available"]


async def test_what_is_held_is_there_and_cannot_be_spent(
    ada: Person, bob: Person, hers: str, his: str, hold: str
) -> None:
    assert await figures(ada, hers) == (500, 300, 200)
    spend = {"from_account_id": hers, "to_account_id": his, "amount": 201, "currency": "EUR"}
    assert (await ada.post("/v1/money/transfers", spend)).json()["code"] == "InsufficientFunds"
    assert (await ada.post(HOLDS, order(hers, his, 201))).json()["code"] == "InsufficientFunds"
    assert (await ada.post("/v1/money/transfers", {**spend, "amount": 200})).status_code == 201
    assert await figures(ada, hers) == (300, 300, 0)


async def test_a_part_is_captured_and_the_rest_is_free(
    ada: Person, bob: Person, hers: str, his: str, hold: str
) -> None:
    captured = (await bob.post(f"{HOLDS}/{hold}/capture", {"amount": 120})).json()
    assert (captured["status"], captured["captured"], captured["amount"]) == ("captured", 120, 300)
    assert await figures(ada, hers) == (380, 0, 380)
    assert await figures(bob, his) == (120, 0, 120)
    transfer = (await ada.get(f"/v1/money/transfers/{captured['transfer_id']}")).json()
    assert (transfer["kind"], transfer["amount"], transfer["balance_after"]) == ("capture", 120, 380)


async def test_all_of_it_is_captured_if_no_amount_is_given(ada: Person, bob: Person, hers: str, hold: str) -> None:
    assert (await bob.post(f"{HOLDS}/{hold}/capture", {})).json()["captured"] == 300
    assert await figures(ada, hers) == (200, 0, 200)


@pytest.mark.parametrize("amount", [0, -1, -300, 1.5, "1", True, 2**53])
async def test_a_captured_amount_is_a_positive_integer(
    ada: Person, bob: Person, hers: str, hold: str, amount: Any
) -> None:
    assert (await bob.post(f"{HOLDS}/{hold}/capture", {"amount": amount})).status_code == 422
    assert await figures(ada, hers) == (500, 300, 200)


async def test_no_more_is_captured_than_is_held_even_though_there_is_more(bob: Person, hold: str) -> None:
    refused = await bob.post(f"{HOLDS}/{hold}/capture", {"amount": 301})
    assert (refused.status_code, refused.json()["code"]) == (409, "CaptureTooLarge")
    assert (await bob.post(f"{HOLDS}/{hold}/capture", {"amount": 300})).status_code == 200


@pytest.mark.parametrize("first", ["capture", "void"])
@pytest.mark.parametrize("second", ["capture", "void"])
async def test_a_hold_ends_once(ada: Person, bob: Person, hers: str, hold: str, first: str, second: str) -> None:
    assert (await bob.post(f"{HOLDS}/{hold}/{first}", {})).status_code == 200
    before = await figures(ada, hers)
    refused = await bob.post(f"{HOLDS}/{hold}/{second}", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "HoldResolved")
    assert await figures(ada, hers) == before


async def test_a_void_frees_it_and_only_the_payee_may(ada: Person, bob: Person, hers: str, hold: str) -> None:
    refused = await ada.post(f"{HOLDS}/{hold}/void", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "OnlyThePayeeMayVoid")
    assert (await bob.post(f"{HOLDS}/{hold}/void", {})).json()["status"] == "voided"
    assert await figures(ada, hers) == (500, 0, 500)


async def test_for_anybody_else_a_hold_does_not_exist(people: People, hold: str) -> None:
    eve = await people.person("Eve")
    absent = f"{HOLDS}/{uuid4()}"
    for path in (f"{HOLDS}/{hold}", absent):
        answers = [await eve.get(path), await eve.post(f"{path}/capture", {}), await eve.post(f"{path}/void", {})]
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "HoldNotFound")] * 3
    assert (await eve.get(HOLDS)).json()["items"] == []


async def test_at_its_end_it_holds_nothing_though_nobody_has_swept(
    ada: Person, bob: Person, hers: str, his: str, hold: str, sql: Sql
) -> None:
    sql("UPDATE money.holds SET expires_at = clock_timestamp() WHERE id = %s", hold)
    assert await figures(ada, hers) == (500, 0, 500)
    assert (await ada.get(f"{HOLDS}/{hold}")).json()["status"] == "expired"
    refused = await bob.post(f"{HOLDS}/{hold}/capture", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "HoldExpired")
    spend = {"from_account_id": hers, "to_account_id": his, "amount": 500, "currency": "EUR"}
    assert (await ada.post("/v1/money/transfers", spend)).status_code == 201


async def test_the_sweeper_puts_away_what_is_over_and_nothing_else(
    ada: Person, hers: str, his: str, hold: str, sql: Sql
) -> None:
    other = (await ada.post(HOLDS, order(hers, his, 10))).json()["id"]
    sql("UPDATE money.holds SET expires_at = clock_timestamp() WHERE id = %s", hold)
    sql("SELECT money.sweep_holds()")
    resolved = sql(
        "SELECT hold_id::text, kind FROM money.hold_resolutions WHERE hold_id = ANY (%s::uuid[])", [hold, other]
    )
    assert resolved == [(hold, "expired")]
    assert sql("SELECT held FROM money.accounts WHERE id = %s", hers) == [(10,)]
    assert await figures(ada, hers) == (500, 10, 490)


@pytest.mark.parametrize("days", [-1, 0, 400])
async def test_a_hold_ends_in_the_future_within_a_year(ada: Person, hers: str, his: str, days: int) -> None:
    moment = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    refused = await ada.post(HOLDS, order(hers, his, 1, expires_at=moment))
    assert (refused.status_code, refused.json()["code"]) == (422, "InvalidExpiry")
    assert (await ada.post(HOLDS, order(hers, his, 1, expires_at="2027-01-01T00:00:00"))).status_code == 422


async def test_what_a_hold_needs(ada: Person, bob: Person, hers: str, his: str, sql: Sql) -> None:
    dollars = await bob.account(currency="USD")
    (clearing,) = sql("SELECT id::text FROM money.accounts WHERE code = 'clearing:sandbox:EUR'")[0]
    for source, target, code in (
        (his, hers, "AccountNotFound"),
        (hers, str(uuid4()), "RecipientNotFound"),
        (hers, clearing, "RecipientNotFound"),
        (hers, hers, "SameAccount"),
        (hers, dollars, "CurrencyMismatch"),
    ):
        assert (await ada.post(HOLDS, order(source, target, 1))).json()["code"] == code


async def test_retries_get_the_first_answer(ada: Person, bob: Person, hers: str, his: str) -> None:
    first = await ada.post(HOLDS, order(hers, his, 100), "k")
    again = await ada.post(HOLDS, order(hers, his, 100), "k")
    assert (again.json()["id"], again.headers["idempotent-replayed"]) == (first.json()["id"], "true")
    path = f"{HOLDS}/{first.json()['id']}/capture"
    taken = await bob.post(path, {"amount": 40}, "c")
    assert (await bob.post(path, {"amount": 40}, "c")).json() == taken.json()
    assert (await bob.post(path, {"amount": 41}, "c")).json()["code"] == "IdempotencyKeyReused"
    assert (await bob.post(path, {"amount": 40}, "d")).json()["code"] == "HoldResolved"
    assert await figures(ada, hers) == (460, 0, 460)


async def test_an_account_with_a_hold_cannot_be_closed(ada: Person, hers: str, his: str, bob: Person) -> None:
    hold = (await ada.post(HOLDS, order(hers, his, 500))).json()["id"]
    assert (await ada.post(f"/v1/money/accounts/{hers}/close", None)).json()["code"] == "AccountNotEmpty"
    # The payee's may be: then nobody can take it any more, and it comes free in time.
    assert (await bob.post(f"/v1/money/accounts/{his}/close", None)).status_code == 200
    assert (await bob.post(f"{HOLDS}/{hold}/capture", {})).json()["code"] == "AccountClosed"
    assert (await bob.post(f"{HOLDS}/{hold}/void", {})).status_code == 200
    assert await figures(ada, hers) == (500, 0, 500)
