"""Two records of the same money. What is planted in one of them is found, to the smallest unit."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from money import advancing, reconciling
from money.provider import Movement, Unreachable
from money.providers import sandbox
from tests.money.conftest import Bell
from tests.money.paying import (
    DEPOSITS,
    WITHDRAWALS,
    Sql,
    book,
    deliver,
    listening,
    make_due,
    message,
    order,
    read,
)
from tests.people import Person

__all__ = ["listening"]
RECONCILIATION = "/v1/money/admin/reconciliation"


async def _run(boss: Person, currency: str) -> dict[str, Any]:
    """The comparison of this currency: other tests have theirs."""
    made = await boss.client.post(RECONCILIATION, json={"provider": "sandbox"}, headers=boss.auth)
    assert made.status_code == 200, made.text
    (run,) = [item for item in made.json()["items"] if item["currency"] == currency]
    return dict(run)


def _summary(run: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(run[name] for name in ("status", "difference", "matched", "unmatched"))


def _line_of(payment: dict[str, Any]) -> str:
    return f"line_{UUID(payment['id']).hex}"


def _plant(sql: Sql, name: str, amount: int, currency: str, reference: str, fee: int = 0) -> None:
    sql(
        "INSERT INTO money.sandbox_statement (id, type, amount, fee, currency, reference) VALUES (%s, 'x', %s, %s, %s, %s)",
        name,
        amount,
        fee,
        currency,
        reference,
    )


async def test_books_that_agree_agree_however_often_they_are_compared(ada: Person, boss: Person, sql: Sql) -> None:
    account = await ada.account(currency="AUD")
    await ada.post(DEPOSITS, order(account, 700, "AUD"))
    await ada.post(DEPOSITS, order(account, 5, "AUD", method="declined"))
    await ada.post(WITHDRAWALS, order(account, 120, "AUD"))
    for _ in range(2):
        run = await _run(boss, "AUD")
        assert _summary(run) == ("agrees", 0, 2, 0)
        assert (run["our_total"], run["their_total"], run["lines"], run["created_by"]) == (580, 580, [], str(boss.id))
    assert (book(sql, "clearing:sandbox", "AUD"), book(sql, "suspense", "AUD")) == (580, 0)


@pytest.mark.parametrize("compared_before", [False, True])
async def test_a_difference_of_the_smallest_unit_is_found(
    ada: Person, boss: Person, sql: Sql, bell: Bell, *, compared_before: bool
) -> None:
    currency = "CAD" if compared_before else "NZD"
    account = await ada.account(currency=currency)
    made = [(await ada.post(DEPOSITS, order(account, 700, currency))).json() for _ in range(3)]
    if compared_before:
        assert _summary(await _run(boss, currency)) == ("agrees", 0, 3, 0)
    sql("UPDATE money.sandbox_statement SET amount = amount + 1 WHERE id = %s", _line_of(made[1]))
    for _ in range(2):
        run = await _run(boss, currency)
        assert _summary(run) == ("differs", 1, 2, 1)
        assert (run["our_total"], run["their_total"]) == (2100, 2101)
        (line,) = run["lines"]
        assert (line["reason"], line["ours"], line["theirs"]) == ("amount_differs", 700, 701)
        assert (line["payment_id"], line["provider_transaction_id"]) == (made[1]["id"], _line_of(made[1]))
    told = [record.__dict__ for record in bell.records if record.__dict__.get("currency") == currency]
    assert [(each["alarm"], each["difference"]) for each in told] == [("reconciliation_differs", 1)] * 2
    assert book(sql, "suspense", currency) == 0
    for table in ("sandbox_statement", "provider_transactions"):
        sql(f"UPDATE money.{table} SET at = at - interval '10 days' WHERE id = %s", _line_of(made[1]))
    assert _summary(await _run(boss, currency)) == ("differs", 1, 2, 1), "what was found is forgotten"
    sql("UPDATE money.sandbox_statement SET amount = amount - 1, at = now() WHERE id = %s", _line_of(made[1]))
    assert _summary(await _run(boss, currency)) == ("agrees", 0, 3, 0)


@pytest.mark.parametrize("compared_before", [False, True])
async def test_a_line_that_is_missing_on_their_side_is_found(
    ada: Person, boss: Person, sql: Sql, *, compared_before: bool
) -> None:
    currency = "SGD" if compared_before else "HKD"
    account = await ada.account(currency=currency)
    kept, missing = [(await ada.post(DEPOSITS, order(account, amount, currency))).json() for amount in (700, 30)]
    if compared_before:
        assert _summary(await _run(boss, currency)) == ("agrees", 0, 2, 0)
    sql("DELETE FROM money.sandbox_statement WHERE id = %s", _line_of(missing))
    for _ in range(2):
        run = await _run(boss, currency)
        assert _summary(run) == ("differs", -30, 1, 1)
        (line,) = run["lines"]
        assert (line["reason"], line["ours"], line["theirs"]) == ("ours_only", 30, 0)
        assert (line["payment_id"], line["transaction_id"]) == (
            missing["id"],
            (await read(ada, missing))["transaction_id"],
        )
    _plant(sql, _line_of(missing), 30, currency, f"sbx_{UUID(missing['id']).hex}")
    assert _summary(await _run(boss, currency)) == ("agrees", 0, 2, 0)
    assert kept["balance_after"] == 700


async def test_what_only_they_have_goes_to_suspense_once(ada: Person, boss: Person, sql: Sql) -> None:
    account = await ada.account(1000, "ZAR")
    _plant(sql, "zar in", 41, "ZAR", "sbx_unknown")
    _plant(sql, "zar out", -11, "ZAR", "sbx_unknown_too")
    runs = await asyncio.gather(*(_run(boss, "ZAR") for _ in range(3)))
    assert sorted(_summary(run) for run in runs) == [("agrees", 0, 3, 0)] * 2 + [("differs", 30, 1, 2)]
    (found,) = [run for run in runs if run["unmatched"]]
    assert [(line["reason"], line["ours"], line["theirs"]) for line in found["lines"]] == [
        ("theirs_only", 0, 41),
        ("theirs_only", 0, -11),
    ]
    assert (book(sql, "suspense", "ZAR"), book(sql, "clearing:sandbox", "ZAR")) == (30, 1030)
    assert await ada.balance(account) == 1000
    kinds = sql(
        "SELECT kind::text FROM money.transactions WHERE id = ANY (%s)",
        [line["transaction_id"] for line in found["lines"]],
    )
    assert kinds == [("suspense",)] * 2


async def test_the_same_payment_twice_on_their_list_is_not_ours_twice(ada: Person, boss: Person, sql: Sql) -> None:
    account = await ada.account(currency="TRY")
    paid = (await ada.post(DEPOSITS, order(account, 700, "TRY"))).json()
    _plant(sql, "try again", 700, "TRY", f"sbx_{UUID(paid['id']).hex}")
    assert _summary(await _run(boss, "TRY")) == ("differs", 700, 1, 1)
    assert (book(sql, "suspense", "TRY"), await ada.balance(account)) == (700, 700)


@pytest.mark.usefixtures("listening")
async def test_what_is_under_way_is_neither_right_nor_wrong(ada: Person, boss: Person, sql: Sql) -> None:
    account = await ada.account(700, "INR")
    waits = (await ada.post(WITHDRAWALS, order(account, 120, "INR", destination="pending"))).json()
    _plant(sql, _line_of(waits), -120, "INR", f"sbx_{UUID(waits['id']).hex}")
    run = await _run(boss, "INR")
    assert (_summary(run), run["in_transit"], run["our_total"]) == (("agrees", 0, 1, 0), 1, 700)
    await deliver(ada.client, message(waits, "succeeded", direction="withdrawal"))
    run = await _run(boss, "INR")
    assert (_summary(run), run["in_transit"], run["our_total"]) == (("agrees", 0, 2, 0), 0, 580)
    _plant(sql, "inr back", 120, "INR", f"sbx_{UUID(waits['id']).hex}")
    run = await _run(boss, "INR")
    assert (_summary(run), run["in_transit"]) == (("agrees", 0, 2, 0), 1)
    await deliver(ada.client, message(waits, "failed", direction="withdrawal"))
    assert _summary(await _run(boss, "INR")) == ("agrees", 0, 3, 0)
    assert book(sql, "suspense", "INR") == 0


@pytest.mark.usefixtures("listening")
async def test_what_was_put_into_suspense_is_taken_from_there_when_we_hear_of_it_after_all(
    ada: Person, boss: Person, sql: Sql
) -> None:
    account = await ada.account(currency="BRL")
    late = (await ada.post(DEPOSITS, order(account, 70, "BRL", method="pending"))).json()
    await deliver(ada.client, message(late, "failed"))
    _plant(sql, _line_of(late), 70, "BRL", f"sbx_{UUID(late['id']).hex}")
    assert _summary(await _run(boss, "BRL")) == ("differs", 70, 0, 1)
    assert (book(sql, "suspense", "BRL"), book(sql, "clearing:sandbox", "BRL")) == (70, 70)
    await deliver(ada.client, message(late, "succeeded"))
    assert await ada.balance(account) == 70
    assert (book(sql, "suspense", "BRL"), book(sql, "clearing:sandbox", "BRL")) == (0, 70)
    assert _summary(await _run(boss, "BRL")) == ("agrees", 0, 1, 0)


async def test_a_withdrawal_we_have_not_noted_is_taken_from_suspense_too(ada: Person, boss: Person, sql: Sql) -> None:
    """Killed between the provider's doing and our hearing of it; reconciled before anybody took it up."""
    account = await ada.account(500, "KRW")
    lost = (await ada.post(WITHDRAWALS, order(account, 120, "KRW", destination="lost"))).json()
    assert lost["status"] == "created"
    assert _summary(await _run(boss, "KRW")) == ("differs", -120, 1, 1)
    make_due(sql, lost)
    await advancing.complete_due()
    assert (await ada.balance(account), book(sql, "suspense", "KRW"), book(sql, "clearing:sandbox", "KRW")) == (
        380,
        0,
        380,
    )
    assert _summary(await _run(boss, "KRW")) == ("agrees", 0, 2, 0)


async def test_what_the_provider_keeps_is_booked_once(ada: Person, boss: Person, sql: Sql) -> None:
    account = await ada.account(currency="ILS")
    paid = (await ada.post(DEPOSITS, order(account, 700, "ILS"))).json()
    sql("UPDATE money.sandbox_statement SET fee = 13 WHERE id = %s", _line_of(paid))
    for _ in range(2):
        run = await _run(boss, "ILS")
        assert (_summary(run), run["fees"]) == (("agrees", 0, 1, 0), 13)
    assert (book(sql, "clearing:sandbox", "ILS"), book(sql, "fees", "ILS")) == (687, -13)
    assert await ada.balance(account) == 700


async def test_the_schedule_compares_once_a_day_in_however_many_processes(ada: Person, sql: Sql) -> None:
    await ada.account(700, "AED")
    count = "SELECT count(*) FROM money.reconciliations WHERE created_by = %s AND currency = 'AED'"
    before = sql(count, reconciling.NOBODY)[0][0]
    sql("UPDATE money.reconciliation_schedule SET due_at = now() WHERE provider = 'sandbox'")
    assert sorted(await asyncio.gather(*(reconciling.run_due() for _ in range(4)))) == [0, 0, 0, 1]
    assert sql(count, reconciling.NOBODY)[0][0] == before + 1
    assert await reconciling.run_due() == 0
    ((due, until),) = sql("SELECT due_at, done_until FROM money.reconciliation_schedule WHERE provider = 'sandbox'")
    now = datetime.now(UTC)
    assert now < due
    assert (due.astimezone(UTC).hour, due.astimezone(UTC).date() > now.date()) == (1, True)
    assert until <= now


async def test_a_provider_that_is_away_is_asked_again_later_and_stops_nothing(
    boss: Person, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(since: datetime, until: datetime) -> AsyncIterator[Movement]:
        if since < until:
            raise Unreachable("the bank is closed")
        yield Movement("none", "x", 1, 0, "EUR", None, since)

    monkeypatch.setattr(sandbox, "movements", nothing)
    sql(
        "INSERT INTO money.reconciliation_schedule VALUES ('sandbox', now()) ON CONFLICT (provider) DO UPDATE SET due_at = now()"
    )
    assert await reconciling.run_due() == 0
    ((minutes,),) = sql(
        "SELECT round(extract(epoch FROM due_at - now()) / 60)::int FROM money.reconciliation_schedule WHERE provider = 'sandbox'"
    )
    assert minutes == 20
    told = await boss.client.post(RECONCILIATION, headers=boss.auth)
    assert (told.status_code, told.json()["code"]) == (503, "ProviderUnavailable")


async def test_administrators_read_it_and_nobody_else(ada: Person, boss: Person, sql: Sql) -> None:
    await ada.account(700, "MYR")
    _plant(sql, "myr", 1, "MYR", "sbx_myr")
    run = await _run(boss, "MYR")
    for answer in (await ada.get(RECONCILIATION), await ada.client.post(RECONCILIATION, headers=ada.auth)):
        assert answer.status_code == 403
    newest = (await boss.get(f"{RECONCILIATION}?provider=sandbox&status=differs&limit=100")).json()
    assert run in newest["items"]
    assert all(item["status"] == "differs" for item in newest["items"])
    pages: list[str] = []
    cursor: str | None = ""
    while cursor is not None and len(pages) < 200:
        page = (await boss.get(f"{RECONCILIATION}?limit=7{cursor and '&cursor=' + cursor}")).json()
        pages += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert pages == sorted(set(pages), reverse=True)
    assert run["id"] in pages
    noted = sql("SELECT action, actor_id FROM money.actions WHERE subject = %s", run["id"])
    assert noted == [("reconciliation.run", boss.id)]
    wrong = await boss.client.post(RECONCILIATION, json={"provider": "piggybank"}, headers=boss.auth)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "UnknownProvider")
