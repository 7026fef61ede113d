import asyncio
import secrets

import pytest

from common.settings import settings
from money import advancing
from tests.money.paying import (
    DEPOSITS,
    PAYMENTS,
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
from tests.people import People, Person

__all__ = ["listening"]
LARGEST = 2**53 - 1


async def test_a_deposit_is_on_the_account_when_it_is_answered(ada: Person, sql: Sql) -> None:
    account = await ada.account(currency="NOK")
    before = book(sql, "clearing:sandbox", "NOK")
    made = await ada.post(DEPOSITS, order(account, 700, "NOK"))
    assert made.status_code == 201
    deposit = made.json()
    told = {name: deposit[name] for name in ("status", "provider", "balance_after", "client_secret", "failure")}
    assert told == {
        "status": "succeeded",
        "provider": "sandbox",
        "balance_after": 700,
        "client_secret": None,
        "failure": None,
    }
    assert await ada.balance(account) == 700
    assert book(sql, "clearing:sandbox", "NOK") == before + 700
    entry = (await ada.get(f"/v1/money/accounts/{account}/entries")).json()["items"][0]
    payment = await read(ada, deposit)
    assert (entry["kind"], entry["transaction_id"]) == ("deposit", payment["transaction_id"])


async def test_a_retry_gets_the_same_deposit_and_moves_nothing(ada: Person) -> None:
    account = await ada.account()
    first = await ada.post(DEPOSITS, order(account, 700), "k")
    await ada.post(DEPOSITS, order(account, 1))
    again = await ada.post(DEPOSITS, order(account, 700), "k")
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = await ada.post(DEPOSITS, order(account, 700, method="declined"), "k")
    assert (other.status_code, other.json()["code"]) == (422, "IdempotencyKeyReused")
    assert await ada.balance(account) == 701


async def test_20_tasks_with_one_key_pay_once_and_get_one_answer(ada: Person, sql: Sql) -> None:
    account = await ada.account()
    answers = await asyncio.gather(*(ada.post(DEPOSITS, order(account, 100), "k") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert await ada.balance(account) == 100


async def test_a_deposit_that_is_declined_moves_nothing_and_stays_declined(ada: Person) -> None:
    account = await ada.account()
    for _ in range(2):
        made = await ada.post(DEPOSITS, order(account, 700, method="declined"), "k")
        assert made.status_code == 201
        assert (made.json()["status"], made.json()["balance_after"]) == ("failed", None)
        assert "declines" in made.json()["failure"]
    assert await ada.balance(account) == 0


async def test_a_deposit_under_way_is_finished_in_the_background(ada: Person, sql: Sql) -> None:
    account = await ada.account()
    waits = (await ada.post(DEPOSITS, order(account, 5, method="pending"))).json()
    slow = (await ada.post(DEPOSITS, order(account, 70, method="slow"), "k")).json()
    assert (waits["status"], slow["status"], slow["balance_after"]) == ("pending", "pending", None)
    for deposit in (waits, slow):
        make_due(sql, deposit)
    await advancing.complete_due()
    assert (await read(ada, waits))["status"] == "pending"
    again = (await ada.post(DEPOSITS, order(account, 70, method="slow"), "k")).json()
    assert (again["id"], again["status"], again["balance_after"]) == (slow["id"], "succeeded", 70)
    assert await ada.balance(account) == 70


async def test_a_deposit_whose_answer_was_lost_is_found_again(ada: Person, sql: Sql) -> None:
    account = await ada.account()
    lost = (await ada.post(DEPOSITS, order(account, 70, method="lost"))).json()
    assert (lost["status"], await ada.balance(account)) == ("created", 0)
    make_due(sql, lost)
    await asyncio.gather(*(advancing.complete_due() for _ in range(3)))
    assert ((await read(ada, lost))["status"], await ada.balance(account)) == ("succeeded", 70)


async def test_a_retry_finishes_what_the_first_request_could_not(ada: Person) -> None:
    account = await ada.account()
    lost = (await ada.post(DEPOSITS, order(account, 70, method="lost"), "k")).json()
    again = (await ada.post(DEPOSITS, order(account, 70, method="lost"), "k")).json()
    assert (again["id"], again["status"], again["balance_after"]) == (lost["id"], "succeeded", 70)


async def test_a_request_of_before_there_were_providers_is_still_the_same_request(ada: Person, sql: Sql) -> None:
    """What is hashed is what was sent: neither a value of ours nor a field that came later."""
    account, key = await ada.account(), secrets.token_hex(8)
    made = (await ada.post(DEPOSITS, order(account, 700), key)).json()
    sent = f'deposit\n{{"account_id":"{account}","amount":700,"currency":"EUR"}}'
    stored = sql("SELECT fingerprint = sha256(%s) FROM money.idempotency_keys WHERE key = %s", sent.encode(), key)
    assert stored == [(True,)]
    assert (await ada.post(DEPOSITS, order(account, 700), key)).json() == made


async def test_a_deposit_needs_an_open_account_of_ones_own_in_its_currency(ada: Person, bob: Person, sql: Sql) -> None:
    account, closed = await ada.account(), await ada.account()
    set_status(sql, closed, "closed")
    for person, wrong, status, code in (
        (bob, order(account, 5), 404, "AccountNotFound"),
        (ada, order(account, 5, "USD"), 409, "CurrencyMismatch"),
        (ada, order(closed, 5), 409, "AccountClosed"),
        (ada, order(account, 5, provider="piggybank"), 422, "UnknownProvider"),
        (ada, order(account, 5, provider="../sandbox"), 422, "MalformedRequest"),
        (ada, order(account, 0), 422, "MalformedRequest"),
    ):
        refused = await person.post(DEPOSITS, wrong)
        assert (refused.status_code, refused.json()["code"]) == (status, code)


@pytest.mark.usefixtures("listening")
async def test_what_comes_for_an_account_that_was_closed_meanwhile_goes_to_suspense_and_an_alarm(
    ada: Person, sql: Sql, alarms: list[str]
) -> None:
    account = await ada.account(currency="DKK")
    deposit = (await ada.post(DEPOSITS, order(account, 70, "DKK", method="pending"))).json()
    set_status(sql, account, "closed")
    before = book(sql, "suspense", "DKK"), book(sql, "clearing:sandbox", "DKK")
    for event in ("one", "two"):
        assert (await deliver(ada.client, message(deposit, "succeeded", id=event + account))).status_code == 204
    assert (book(sql, "suspense", "DKK"), book(sql, "clearing:sandbox", "DKK")) == (before[0] + 70, before[1] + 70)
    payment = await read(ada, deposit)
    assert (payment["status"], payment["failure"]) == ("failed", "AccountClosed")
    (kind,) = sql("SELECT kind::text FROM money.transactions WHERE id = %s", payment["transaction_id"])
    assert (kind[0], alarms) == ("suspense", ["money_in_suspense"])
    assert await ada.balance(account) == 0


@pytest.mark.usefixtures("listening")
async def test_what_an_account_cannot_carry_goes_to_suspense(ada: Person, sql: Sql, alarms: list[str]) -> None:
    account = await ada.account(currency="ISK")
    deposits = [(await ada.post(DEPOSITS, order(account, LARGEST, "ISK", method="pending"))).json() for _ in range(2)]
    before = book(sql, "suspense", "ISK")
    for deposit in deposits:
        await deliver(ada.client, message(deposit, "succeeded"))
    assert await ada.balance(account) == LARGEST
    assert book(sql, "suspense", "ISK") == before + LARGEST
    assert [(await read(ada, deposit))["failure"] for deposit in deposits] == [None, "BalanceTooLarge"]
    assert alarms == ["money_in_suspense"]
    full = await ada.post(DEPOSITS, order(account, 1, "ISK"))
    assert (full.status_code, full.json()["code"]) == (409, "BalanceTooLarge")


@pytest.mark.usefixtures("listening")
async def test_another_amount_than_was_ordered_is_not_credited(ada: Person, sql: Sql, alarms: list[str]) -> None:
    account = await ada.account(currency="CZK")
    deposit = (await ada.post(DEPOSITS, order(account, 70, "CZK", method="pending"))).json()
    before = book(sql, "suspense", "CZK")
    await deliver(ada.client, message(deposit, "succeeded", amount=71))
    assert (await ada.balance(account), book(sql, "suspense", "CZK")) == (0, before + 71)
    assert ((await read(ada, deposit))["failure"], alarms) == ("AmountDiffers", ["amount_differs"])


async def test_play_money_of_one_person_keeps_nobody_from_depositing(people: People, sql: Sql) -> None:
    """What Artel is owed by a provider is everybody's money together, and may pass what one account may have."""
    for name in ("Ada", "Bob", "Eve"):
        person = await people.person(name)
        account = await person.account(LARGEST, "HUF")
        sql("SELECT money.fold(id) FROM money.accounts WHERE code = 'clearing:sandbox:HUF'")
        assert await person.balance(account) == LARGEST
    assert book(sql, "clearing:sandbox", "HUF") >= 3 * LARGEST


async def test_payments_are_listed_newest_first_and_only_to_their_owner(ada: Person, bob: Person) -> None:
    account, other = await ada.account(), await ada.account()
    made = [(await ada.post(DEPOSITS, order(account, amount))).json()["id"] for amount in (1, 2, 3)]
    declined = (await ada.post(DEPOSITS, order(other, 4, method="declined"))).json()["id"]
    first = (await ada.get(f"{PAYMENTS}?limit=2")).json()
    assert [item["id"] for item in first["items"]] == [declined, made[2]]
    second = (await ada.get(f"{PAYMENTS}?limit=2&cursor={first['next_cursor']}")).json()
    assert ([item["id"] for item in second["items"]], second["next_cursor"]) == ([made[1], made[0]], None)
    for query, expected in (
        (f"account_id={account}", made[::-1]),
        ("status=failed", [declined]),
        ("direction=withdrawal", []),
    ):
        assert [item["id"] for item in (await ada.get(f"{PAYMENTS}?{query}")).json()["items"]] == expected
    assert (await bob.get(PAYMENTS)).json()["items"] == []
    hidden = await bob.get(f"{PAYMENTS}/{declined}")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "PaymentNotFound")
    assert (await ada.get(f"{PAYMENTS}?cursor=nonsense")).json()["code"] == "InvalidCursor"


@pytest.mark.parametrize(("named", "status"), [("", 422), ("sandbox", 201), ("stripe", 422)])
async def test_in_production_the_sandbox_must_be_wanted(
    ada: Person, monkeypatch: pytest.MonkeyPatch, named: str, status: int
) -> None:
    account = await ada.account()
    monkeypatch.setenv("ENVIRONMENT", "prod")
    monkeypatch.setenv("PAYMENT_PROVIDERS", named)
    settings.cache_clear()
    try:
        made = await ada.post(DEPOSITS, order(account, 5, provider="sandbox"))
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert made.status_code == status
