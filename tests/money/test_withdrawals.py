import asyncio
from typing import Any

import pytest

from money import advancing, inbox
from money.providers import sandbox
from tests.money.conftest import Bell
from tests.money.paying import (
    PAYMENTS,
    WITHDRAWALS,
    Crashed,
    Sql,
    book,
    deliver,
    listening,
    make_due,
    message,
    order,
    read,
    set_status,
)
from tests.people import Person

__all__ = ["listening"]


async def _account(person: Person, account: str) -> tuple[int, int]:
    """Balance and what is held of it."""
    found = (await person.get(f"/v1/money/accounts/{account}")).json()
    return found["balance"], found["held"]


def _orders_at_the_bank(sql: Sql, payment: str) -> int:
    found = sql("SELECT count(*) FROM money.sandbox_statement WHERE id = 'line_' || replace(%s, '-', '')", payment)
    return int(found[0][0])


async def _fee(boss: Person, currency: str, flat: int, rate: str = "0") -> str:
    rule = {"operation": "withdrawal", "currency": currency, "flat": flat, "rate": rate, "reason": "in a test"}
    made = await boss.client.put("/v1/money/admin/fee-rules", json=rule, headers=boss.auth)
    assert made.status_code == 200, made.text
    return str(made.json()["id"])


async def _limit(boss: Person, owner: Person, currency: str, per_day: int) -> None:
    limit = {"owner_id": str(owner.id), "currency": currency, "per_day": per_day, "reason": "in a test"}
    made = await boss.client.put("/v1/money/admin/limits", json=limit, headers=boss.auth)
    assert made.status_code == 200, made.text


async def test_a_withdrawal_leaves_the_account_and_what_the_provider_owes_us(ada: Person, sql: Sql) -> None:
    account = await ada.account(500, "PLN")
    before = book(sql, "clearing:sandbox", "PLN")
    made = await ada.post(WITHDRAWALS, order(account, 120, "PLN", destination="PL61 1090 1014"))
    assert made.status_code == 201
    told = {name: made.json()[name] for name in ("status", "fee", "balance_after", "destination", "failure")}
    assert told == {
        "status": "succeeded",
        "fee": 0,
        "balance_after": 380,
        "destination": "PL61 1090 1014",
        "failure": None,
    }
    assert (await _account(ada, account), book(sql, "clearing:sandbox", "PLN")) == ((380, 0), before - 120)
    entry = (await ada.get(f"/v1/money/accounts/{account}/entries")).json()["items"][0]
    assert (entry["kind"], entry["amount"], entry["counterparty_account_id"]) == ("withdrawal", -120, None)


async def test_a_retry_gets_the_same_withdrawal_and_pays_nothing_out(ada: Person, sql: Sql) -> None:
    account = await ada.account(500)
    first = await ada.post(WITHDRAWALS, order(account, 100), "k")
    again = await ada.post(WITHDRAWALS, order(account, 100), "k")
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    other = await ada.post(WITHDRAWALS, order(account, 101), "k")
    assert (other.status_code, other.json()["code"]) == (422, "IdempotencyKeyReused")
    assert await _account(ada, account) == (400, 0)
    missing = await ada.client.post(WITHDRAWALS, json=order(account, 100), headers=ada.auth)
    assert (missing.status_code, missing.json()["code"]) == (400, "IdempotencyKeyMissing")


async def test_20_withdrawals_of_5_succeed_exactly_5_times(ada: Person) -> None:
    account = await ada.account(500)
    answers = await asyncio.gather(*(ada.post(WITHDRAWALS, order(account, 100)) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 15
    assert await _account(ada, account) == (0, 0)


async def test_what_is_under_way_is_held_and_cannot_be_spent_or_let_go(ada: Person, bob: Person) -> None:
    account, his = await ada.account(500), await bob.account()
    waits = (await ada.post(WITHDRAWALS, order(account, 400, destination="pending"))).json()
    assert (waits["status"], waits["balance_after"], await _account(ada, account)) == ("pending", None, (500, 400))
    transfer = {"from_account_id": account, "to_account_id": his, "amount": 101, "currency": "EUR"}
    assert (await ada.post("/v1/money/transfers", transfer)).json()["code"] == "InsufficientFunds"
    hold = (await read(ada, waits))["hold_id"]
    shown = (await ada.get(f"/v1/money/holds/{hold}")).json()
    assert (shown["status"], shown["payee_account_id"]) == ("held", None)
    for act in ("capture", "void"):
        refused = await ada.post(f"/v1/money/holds/{hold}/{act}", {})
        assert (refused.status_code, refused.json()["code"]) == (404, "HoldNotFound")


async def test_one_that_is_declined_gives_the_money_free_at_once(ada: Person, sql: Sql) -> None:
    account = await ada.account(500)
    declined = (await ada.post(WITHDRAWALS, order(account, 400, destination="declined"))).json()
    assert (declined["status"], declined["balance_after"]) == ("failed", None)
    assert await _account(ada, account) == (500, 0)
    told = sql("SELECT type FROM money.events WHERE data ->> 'payment_id' = %s", declined["id"])
    assert told == [("withdrawal.failed",)]


async def test_a_withdrawal_needs_money_and_an_open_account_of_ones_own(ada: Person, bob: Person, sql: Sql) -> None:
    account, frozen = await ada.account(500), await ada.account(500)
    set_status(sql, frozen, "frozen")
    for person, wrong, status, code in (
        (ada, order(account, 501), 409, "InsufficientFunds"),
        (bob, order(account, 5), 404, "AccountNotFound"),
        (ada, order(account, 5, "USD"), 409, "CurrencyMismatch"),
        (ada, order(account, 5, "XXX"), 409, "CurrencyMismatch"),
        (ada, order(frozen, 5), 409, "AccountFrozen"),
        (ada, order(account, 5, provider="piggybank"), 422, "UnknownProvider"),
        (ada, order(account, 5, destination=""), 422, "MalformedRequest"),
    ):
        refused = await person.post(WITHDRAWALS, wrong)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await ada.get(PAYMENTS + "?direction=withdrawal")).json()["items"] == []


async def test_a_refusal_stays_a_refusal_when_the_money_has_come(ada: Person) -> None:
    account = await ada.account(5)
    assert (await ada.post(WITHDRAWALS, order(account, 50), "k")).status_code == 409
    await ada.post("/v1/money/deposits", order(account, 500))
    again = await ada.post(WITHDRAWALS, order(account, 50), "k")
    assert (again.status_code, again.headers["idempotent-replayed"]) == (409, "true")


async def test_the_fee_comes_on_top_and_is_held_too(ada: Person, boss: Person, sql: Sql) -> None:
    account = await ada.account(1000, "SEK")
    await _fee(boss, "SEK", 10, "0.015")
    fees, clearing = book(sql, "fees", "SEK"), book(sql, "clearing:sandbox", "SEK")
    assert (await ada.post(WITHDRAWALS, order(account, 980, "SEK"))).json()["code"] == "InsufficientFunds"
    slow = (await ada.post(WITHDRAWALS, order(account, 101, "SEK", destination="slow"))).json()
    assert (slow["fee"], await _account(ada, account)) == (12, (1000, 113))
    make_due(sql, slow)
    await advancing.complete_due()
    assert await _account(ada, account) == (887, 0)
    assert (book(sql, "fees", "SEK"), book(sql, "clearing:sandbox", "SEK")) == (fees + 12, clearing - 101)


async def test_limits_look_at_the_amount_and_a_failure_gives_it_back(ada: Person, boss: Person) -> None:
    account = await ada.account(1000, "CHF")
    await _fee(boss, "CHF", 50)
    await _limit(boss, ada, "CHF", 300)
    assert (await ada.post(WITHDRAWALS, order(account, 301, "CHF"))).json()["code"] == "LimitExceeded"
    for _ in range(3):
        failed = await ada.post(WITHDRAWALS, order(account, 300, "CHF", destination="declined"))
        assert failed.json()["status"] == "failed"
    assert (await ada.post(WITHDRAWALS, order(account, 300, "CHF"))).json()["status"] == "succeeded"
    assert (await ada.post(WITHDRAWALS, order(account, 1, "CHF"))).json()["code"] == "LimitExceeded"


async def test_withdrawals_and_transfers_under_a_limit_never_deadlock(ada: Person, bob: Person, boss: Person) -> None:
    account, his = await ada.account(10_000, "RON"), await bob.account(currency="RON")
    await _limit(boss, ada, "RON", 100_000)
    transfer = {"from_account_id": account, "to_account_id": his, "amount": 1, "currency": "RON"}
    sent = (ada.post("/v1/money/transfers", transfer) for _ in range(25))
    declined = (ada.post(WITHDRAWALS, order(account, 1, "RON", destination="declined")) for _ in range(15))
    taken = (ada.post(WITHDRAWALS, order(account, 1, "RON")) for _ in range(10))
    answers = await asyncio.gather(*sent, *declined, *taken)
    assert {answer.status_code for answer in answers} == {201}
    assert await _account(ada, account) == (10_000 - 35, 0)


@pytest.mark.usefixtures("listening")
async def test_money_that_has_left_is_booked_though_the_account_was_frozen_since(ada: Person, sql: Sql) -> None:
    account = await ada.account(500)
    waits = (await ada.post(WITHDRAWALS, order(account, 400, destination="pending"))).json()
    set_status(sql, account, "frozen")
    await deliver(ada.client, message(waits, "succeeded", direction="withdrawal"))
    assert await _account(ada, account) == (100, 0)


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize(
    "events", [("succeeded", "failed"), ("failed", "succeeded"), ("failed", "failed", "succeeded")]
)
async def test_what_comes_back_is_on_the_account_again_in_whatever_order_we_hear_of_it(
    ada: Person, boss: Person, sql: Sql, events: tuple[str, ...]
) -> None:
    account = await ada.account(500, "MXN")
    await _fee(boss, "MXN", 20)
    books = book(sql, "fees", "MXN"), book(sql, "clearing:sandbox", "MXN")
    waits = (await ada.post(WITHDRAWALS, order(account, 400, "MXN", destination="pending"))).json()
    for number, status in enumerate(events):
        event = message(waits, status, direction="withdrawal", id=f"{waits['id']} {number}", failure="no such account")
        assert (await deliver(ada.client, event)).status_code == 204
    payment = await read(ada, waits)
    assert (payment["status"], payment["failure"]) == ("failed", "no such account")
    assert (payment["return_id"] is not None) == (events[0] == "succeeded")
    assert await _account(ada, account) == (500, 0)
    assert (book(sql, "fees", "MXN"), book(sql, "clearing:sandbox", "MXN")) == books


@pytest.mark.usefixtures("listening")
async def test_what_comes_back_to_a_closed_account_goes_to_suspense(ada: Person, sql: Sql, alarms: list[str]) -> None:
    account = await ada.account(400, "THB")
    paid = (await ada.post(WITHDRAWALS, order(account, 400, "THB"))).json()
    set_status(sql, account, "closed")
    before = book(sql, "suspense", "THB")
    for number in range(2):
        event = message(paid, "failed", direction="withdrawal", id=f"{paid['id']} {number}")
        assert (await deliver(ada.client, event)).status_code == 204
    assert (book(sql, "suspense", "THB"), alarms) == (before + 400, ["money_in_suspense"])


async def test_a_hot_account_may_withdraw_and_gets_back_what_was_returned(
    ada: Person, sql: Sql, monkeypatch: pytest.MonkeyPatch, listening: None
) -> None:
    account = await ada.account(500)
    sql("SELECT money.configure(uuidv7(), %s, NULL, true, 'in a test')", account)
    paid = (await ada.post(WITHDRAWALS, order(account, 400))).json()
    assert paid["balance_after"] == 100
    await deliver(ada.client, message(paid, "failed", direction="withdrawal"))
    assert await _account(ada, account) == (500, 0)


# Killed in the middle --------------------------------------------------------------------------------------------------


def _before(place: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def die(*_args: Any, **_options: Any) -> Any:
        raise Crashed

    monkeypatch.setattr(place, name, die)


def _after(place: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = getattr(place, name)

    async def act_and_die(*args: Any, **options: Any) -> Any:
        await real(*args, **options)
        raise Crashed

    monkeypatch.setattr(place, name, act_and_die)


_POINTS = {
    "the money is held, nobody was asked": (_before, sandbox, "create"),
    "the provider has paid, we have not heard": (_after, sandbox, "create"),
    "the answer has come and is not written down": (_before, advancing, "note"),
    "it is written down": (_after, advancing, "note"),
    "the webhook has not come": (_before, inbox, "store"),
    "the webhook is stored": (_after, inbox, "store"),
    "the webhook is done": (_after, inbox, "process"),
}


@pytest.mark.parametrize("point", _POINTS)
@pytest.mark.parametrize("destination", ["anywhere", "declined"])
async def test_whoever_comes_next_finishes_what_a_killed_process_left(
    ada: Person, sql: Sql, point: str, destination: str
) -> None:
    account = await ada.account(500)
    kill, place, name = _POINTS[point]
    with pytest.MonkeyPatch.context() as patch:
        kill(place, name, patch)
        with pytest.raises(Crashed):
            await ada.post(WITHDRAWALS, order(account, 120, destination=destination), "k")
    ((payment,),) = sql("SELECT id::text FROM money.payments WHERE owner_id = %s AND direction = 'withdrawal'", ada.id)
    assert await _account(ada, account) in ((500, 120), (380, 0), (500, 0))
    make_due(sql, payment)
    await asyncio.gather(*(advancing.complete_due() for _ in range(2)), *(inbox.process_due() for _ in range(2)))
    again = await ada.post(WITHDRAWALS, order(account, 120, destination=destination), "k")
    assert again.headers["idempotent-replayed"] == "true"
    paid = destination == "anywhere"
    assert (again.json()["id"], again.json()["status"]) == (payment, "succeeded" if paid else "failed")
    assert await _account(ada, account) == ((380, 0) if paid else (500, 0))
    assert _orders_at_the_bank(sql, payment) == int(paid)


async def test_a_payment_is_taken_up_by_one_process_at_a_time_and_later_each_time(ada: Person, sql: Sql) -> None:
    account = await ada.account(500)
    waits = (await ada.post(WITHDRAWALS, order(account, 120, destination="pending"))).json()
    left = "SELECT round(extract(epoch FROM due_at - now()) / 60)::int FROM money.payments WHERE id = %s"
    for minutes in (1, 2, 4, 8):
        make_due(sql, waits)
        seen = await asyncio.gather(*(advancing.complete_due() for _ in range(4)))
        assert sum(seen) >= 1
        assert sql(left, waits["id"]) == [(minutes,)]


async def test_a_withdrawal_that_no_provider_confirms_is_an_alarm(
    ada: Person, sql: Sql, monkeypatch: pytest.MonkeyPatch, bell: Bell
) -> None:
    account = await ada.account(500)
    with pytest.MonkeyPatch.context() as patch:
        _before(sandbox, "create", patch)
        with pytest.raises(Crashed):
            await ada.post(WITHDRAWALS, order(account, 120))
    ((payment,),) = sql("SELECT id::text FROM money.payments WHERE owner_id = %s AND direction = 'withdrawal'", ada.id)

    async def fails(*_args: Any) -> None:
        raise ValueError("of no use")

    monkeypatch.setattr(sandbox, "find", fails)
    make_due(sql, payment)
    await advancing.complete_due()
    told = [record.__dict__ for record in bell.records if record.__dict__.get("payment_id") == payment]
    assert [each["alarm"] for each in told] == ["payment_stuck"]
    assert await _account(ada, account) == (500, 120)
