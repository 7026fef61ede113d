"""Standing orders: when they come up, and that each date is paid once, whoever does it twice or is killed at it."""

import asyncio
import calendar
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from common.db import transaction
from money import background, one_by_one, standing_orders
from tests.money.parties import Sql, call, entries, events, new_address, new_handle, register, state
from tests.people import People, Person

ORDERS = "/v1/money/recurring-transfers"
TODAY = "(now() AT TIME ZONE 'UTC')::date"


def today() -> date:
    return datetime.now(UTC).date()


def order(source: str, **other: Any) -> dict[str, Any]:
    usual = {"amount": 100, "currency": "EUR", "every": "month", "start_on": str(today())}
    return {"from_account_id": source, **usual, **other}


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(1000)


@pytest.fixture
async def his(bob: Person) -> str:
    return await bob.account()


async def _made(person: Person, wanted: dict[str, Any]) -> str:
    made = await person.post(ORDERS, wanted)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def _read(person: Person, identifier: str) -> dict[str, Any]:
    found: dict[str, Any] = (await person.get(f"{ORDERS}/{identifier}")).json()
    return found


async def _change(person: Person, identifier: str, **change: Any) -> dict[str, Any]:
    answer = await person.client.patch(f"{ORDERS}/{identifier}", json=change, headers=person.auth)
    found: dict[str, Any] = answer.json()
    return found


def _days_ago(sql: Sql, identifier: str, days: int) -> None:
    """As if nobody had seen to it since the order was to begin, that many days ago."""
    sql(
        f"UPDATE money.recurring_transfers SET anchor_on = {TODAY} - %s, start_on = {TODAY} - %s, next_on = {TODAY} - %s"
        " WHERE id = %s",
        days, days, days, UUID(identifier),
    )  # fmt: skip


def _a_day_later(sql: Sql, identifier: str) -> None:
    sql(
        "UPDATE money.recurring_runs SET try_at = now() WHERE recurring_transfer_id = %s AND try_at IS NOT NULL",
        UUID(identifier),
    )


# Dates ---------------------------------------------------------------------------------------------------------------------------


def _model(every: str, anchor: date, n: int) -> date:
    """The n-th date, as one counts on a calendar."""
    if every != "month":
        return anchor + timedelta(days=n * {"day": 1, "week": 7}[every])
    months = anchor.year * 12 + anchor.month - 1 + n
    year, month = divmod(months, 12)
    return date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))


DATES = st.dates(date(1996, 1, 1), date(2110, 12, 31))
PERIODS = st.sampled_from(["day", "week", "month"])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(every=PERIODS, anchor=DATES, n=st.integers(-600, 600))
def test_dates_are_those_of_the_calendar(sql: Sql, every: str, anchor: date, n: int) -> None:
    assert sql("SELECT money.occurrence(%s, %s, %s)", every, anchor, n) == [(_model(every, anchor, n),)]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(every=PERIODS, anchor=DATES, day=DATES)
def test_the_next_date_is_the_first_that_is_not_before_a_day(sql: Sql, every: str, anchor: date, day: date) -> None:
    """By looking through all dates around it."""
    days = (day - anchor).days
    about = {"day": days, "week": days // 7, "month": days // 30}[every]
    near = [_model(every, anchor, n) for n in range(about - 40, about + 40)]
    assert sql("SELECT money.next_occurrence(%s, %s, %s)", every, anchor, day) == [(min(d for d in near if d >= day),)]
    (number,) = sql("SELECT money.occurrences_until(%s, %s, %s)", every, anchor, day)[0]
    assert _model(every, anchor, number) == max(d for d in near if d <= day)


@pytest.mark.parametrize(
    ("anchor", "wanted"),
    [
        (date(2027, 12, 31), ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]),
        (date(2026, 12, 30), ["2026-12-30", "2027-01-30", "2027-02-28", "2027-03-30", "2027-04-30"]),
        (date(2028, 2, 29), ["2028-02-29", "2028-03-29", "2028-04-29", "2028-05-29", "2028-06-29"]),
    ],
)
def test_the_31st_is_the_last_day_of_short_months_and_the_31st_again_afterwards(
    sql: Sql, anchor: date, wanted: list[str]
) -> None:
    found = sql("SELECT money.occurrence('month', %s, n)::text FROM generate_series(0, 4) AS n", anchor)
    assert [day for (day,) in found] == wanted


@pytest.mark.parametrize("hour", [0, 9, 23])
async def test_it_comes_up_at_its_hour_and_not_before(ada: Person, hers: str, his: str, sql: Sql, hour: int) -> None:
    made = (await ada.post(ORDERS, order(hers, to_account_id=his, hour=hour))).json()
    assert made["next_run_at"] == f"{today()}T{hour:02}:00:00Z"
    due = sql(
        "SELECT money.day_of(%s::smallint, %s)",
        hour,
        datetime.combine(today(), datetime.min.time(), UTC) + timedelta(hours=hour),
    )
    early = sql(
        "SELECT money.day_of(%s::smallint, %s)",
        hour,
        datetime.combine(today(), datetime.min.time(), UTC) + timedelta(hours=hour, microseconds=-1),
    )
    assert (due, early) == ([(today(),)], [(today() - timedelta(days=1),)])
    await _change(ada, made["id"], status="paused")


async def test_what_begins_tomorrow_is_not_paid_today(ada: Person, hers: str, his: str) -> None:
    identifier = await _made(ada, order(hers, to_account_id=his, start_on=str(today() + timedelta(days=1))))
    await standing_orders.run()
    assert await ada.balance(hers) == 1000
    assert (await _read(ada, identifier))["runs"] == []


async def test_dates_are_counted_from_the_anchor_and_none_is_before_the_start(ada: Person, hers: str, his: str) -> None:
    start = today() + timedelta(days=3)
    made = (
        await ada.post(
            ORDERS,
            order(hers, to_account_id=his, every="week", start_on=str(start), anchor_on=str(start - timedelta(days=1))),
        )
    ).json()
    assert made["next_run_at"][:10] == str(start + timedelta(days=6))


# Paying --------------------------------------------------------------------------------------------------------------------------


async def test_it_pays_on_its_date_and_then_on_the_next(
    ada: Person, bob: Person, hers: str, his: str, sql: Sql
) -> None:
    identifier = await _made(ada, order(hers, to_account_id=his, every="day", description="Rent"))
    await background.run_due()
    await background.run_due()
    assert (await ada.balance(hers), await bob.balance(his)) == (900, 100)
    assert (await entries(bob, his))[0]["description"] == "Rent"
    found = await _read(ada, identifier)
    assert found["next_run_at"][:10] == str(today() + timedelta(days=1))
    (run,) = found["runs"]
    assert (run["scheduled_on"], run["status"], run["attempts"]) == (str(today()), "paid", 1)
    assert run["transfer_id"] == (await entries(ada, hers))[0]["transaction_id"]
    _days_ago(sql, identifier, 0)  # as if the date had been forgotten: it is still paid once
    await standing_orders.run()
    assert await ada.balance(hers) == 900


async def test_it_pays_people_by_handle_and_by_address(people: People, ada: Person, bob: Person, hers: str) -> None:
    email = new_address()
    handle = await call(bob)
    his = await bob.account()
    by_email = await _made(ada, order(hers, to_email=email, amount=10))
    by_handle = await _made(ada, order(hers, to_handle=handle, amount=20))
    await standing_orders.run()
    carl = await register(people, email)
    assert await carl.balance(await carl.account()) == 10
    assert await bob.balance(his) == 20
    for identifier, named in ((by_email, email), (by_handle, handle)):
        found = await _read(ada, identifier)
        assert (found["recipient"], found["to_account_id"], found["runs"][0]["status"]) == (named, None, "paid")


async def test_a_handle_stands_for_who_had_it_when_it_was_ordered(
    people: People, ada: Person, bob: Person, hers: str, his: str
) -> None:
    handle = await call(bob)
    await _made(ada, order(hers, to_handle=handle))
    await call(bob)
    eve = await people.person("Eve")
    await call(eve, handle)
    theirs = await eve.account()
    await standing_orders.run()
    assert (await bob.balance(his), await eve.balance(theirs)) == (100, 0)


async def test_known_and_unknown_addresses_leave_the_same_traces(
    people: People, ada: Person, hers: str, sql: Sql
) -> None:
    known, unknown = new_address("k" * 9), new_address("u" * 9)
    carl = await register(people, known)
    await carl.account()
    seen = []
    for email in (known, unknown):
        identifier = await _made(ada, order(hers, to_email=email))
        await standing_orders.run()
        found = await _read(ada, identifier)
        read = (await ada.get(f"/v1/money/transfers/{found['runs'][0].pop('transfer_id')}")).json()
        varying = {"id", "created_at", "balance_after"}
        both = [{k: v for k, v in each.items() if k not in varying} for each in (found, read)]
        seen.append(str(both).replace(email, "address"))
    assert seen[0] == seen[1]


async def test_doubled_workers_pay_each_date_once(ada: Person, bob: Person, hers: str, his: str, sql: Sql) -> None:
    made = [await _made(ada, order(hers, to_account_id=his, amount=10, every="day")) for _ in range(6)]
    for identifier in made:
        _days_ago(sql, identifier, 2)
    await asyncio.gather(*(standing_orders.run() for _ in range(6)))
    await standing_orders.run()
    assert (await ada.balance(hers), await bob.balance(his)) == (1000 - 180, 180)
    assert {run["status"] for identifier in made for run in (await _read(ada, identifier))["runs"]} == {"paid"}


class Killed(BaseException):
    """As when a process is killed: nothing after it runs."""


async def test_a_worker_killed_between_planning_and_paying_leaves_it_to_the_next(
    ada: Person, hers: str, his: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier = await _made(ada, order(hers, to_account_id=his))

    async def die(*_: object) -> int:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(one_by_one, "each", die)
        with pytest.raises(Killed):
            await standing_orders.run()
    assert [run["status"] for run in (await _read(ada, identifier))["runs"]] == ["due"]
    assert await ada.balance(hers) == 1000
    await standing_orders.run()
    assert await ada.balance(hers) == 900


async def test_a_worker_killed_before_its_commit_has_paid_nothing_and_after_it_once(
    ada: Person, hers: str, his: str
) -> None:
    identifier = await _made(ada, order(hers, to_account_id=his))
    plan, pay = "SELECT money.plan_runs(10)", "SELECT money.run_recurring(:order, :day)"
    async with transaction("money") as session:
        await session.execute(text(plan))
    values = {"order": UUID(identifier), "day": today()}

    async def pay_and_die() -> None:
        async with transaction("money") as session:
            assert await session.scalar(text(pay), values) is True
            raise Killed

    with pytest.raises(Killed):
        await pay_and_die()
    assert await ada.balance(hers) == 1000
    for paid in (True, False):
        async with transaction("money") as session:
            assert await session.scalar(text(pay), values) is paid
    assert await ada.balance(hers) == 900


async def test_a_second_payment_for_a_date_takes_itself_back_whatever_the_lines_say(
    ada: Person, hers: str, his: str, sql: Sql
) -> None:
    identifier = await _made(ada, order(hers, to_account_id=his))
    await standing_orders.run()
    sql(
        "UPDATE money.recurring_runs SET status = 'due', transfer_id = NULL, try_at = now() WHERE recurring_transfer_id = %s",
        UUID(identifier),
    )
    with pytest.raises(psycopg.errors.UniqueViolation, match="pk_idempotency_keys"):
        sql("SELECT money.run_recurring(%s, %s)", UUID(identifier), today())
    assert await ada.balance(hers) == 900
    sql(
        "UPDATE money.recurring_runs SET status = 'skipped', try_at = NULL WHERE recurring_transfer_id = %s",
        UUID(identifier),
    )


async def test_one_order_that_fails_holds_up_no_other(ada: Person, hers: str, his: str, sql: Sql) -> None:
    broken, good = [await _made(ada, order(hers, to_account_id=his)) for _ in range(2)]
    sql(
        "INSERT INTO money.idempotency_keys (principal_id, key, fingerprint, outcome) VALUES (%s, %s, '', '{}')",
        ada.id, f"↻ {broken} {today()}",
    )  # fmt: skip
    with pytest.raises(ExceptionGroup):
        await standing_orders.run()
    assert (await _read(ada, good))["runs"][0]["status"] == "paid"
    assert await ada.balance(hers) == 900
    await _change(ada, broken, status="paused")


async def test_no_request_can_have_the_key_of_a_standing_order(ada: Person, hers: str, his: str) -> None:
    identifier = await _made(ada, order(hers, to_account_id=his))
    transfer = {"from_account_id": hers, "to_account_id": his, "amount": 1, "currency": "EUR"}
    names = {**ada.auth, "Idempotency-Key": f"↻ {identifier} {today()}"}
    headers = [(name.encode(), value.encode()) for name, value in names.items()]
    answer = await ada.client.post("/v1/money/transfers", json=transfer, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "IdempotencyKeyMissing")
    await standing_orders.run()
    assert await ada.balance(hers) == 900


# After a time without anybody ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every", "days", "missed"), [("day", 1, 2), ("day", 9, 3), ("week", 14, 3), ("week", 70, 3), ("day", 2000, 3)]
)
async def test_missed_dates_are_paid_once_each_and_at_most_the_last_three(
    ada: Person, hers: str, his: str, sql: Sql, every: str, days: int, missed: int
) -> None:
    identifier = await _made(ada, order(hers, to_account_id=his, every=every, amount=10))
    _days_ago(sql, identifier, days)
    await standing_orders.run()
    await standing_orders.run()
    assert await ada.balance(hers) == 1000 - 10 * missed
    found = await _read(ada, identifier)
    step = {"day": 1, "week": 7}[every]
    assert [run["scheduled_on"] for run in found["runs"]] == [
        str(today() - timedelta(days=step * n)) for n in range(missed)
    ]
    assert found["next_run_at"][:10] == str(today() + timedelta(days=step))


# What is refused -----------------------------------------------------------------------------------------------------------------


async def test_what_is_refused_is_told_tried_on_three_days_and_skipped(
    ada: Person, bob: Person, his: str, sql: Sql
) -> None:
    poor = await ada.account(10)
    identifier = await _made(ada, order(poor, to_account_id=his))
    for attempt in range(1, 5):
        await standing_orders.run()
        await standing_orders.run()  # not again on the same day
        (run,) = (await _read(ada, identifier))["runs"]
        assert (run["attempts"], run["refused"]) == (attempt, "InsufficientFunds")
        assert run["status"] == ("failed" if attempt < 4 else "skipped")
        if attempt < 4:
            again = datetime.fromisoformat(run["next_attempt_at"]) - datetime.now(UTC)
            assert timedelta(hours=23, minutes=59) < again <= timedelta(days=1)
        _a_day_later(sql, identifier)
    await standing_orders.run()
    told = [(kind, data["attempt"]) for kind, data in events(sql, ada) if kind.startswith("recurring")]
    failed = [("recurring_transfer.failed", n) for n in range(1, 5)]
    assert told == [*failed, ("recurring_transfer.skipped", 4)]
    assert (await _read(ada, identifier))["status"] == "active"
    assert await bob.balance(his) == 0


async def test_money_that_comes_in_time_is_paid_on_the_next_day(ada: Person, bob: Person, his: str, sql: Sql) -> None:
    poor = await ada.account(10)
    identifier = await _made(ada, order(poor, to_account_id=his))
    await standing_orders.run()
    await ada.post("/v1/money/deposits", {"account_id": poor, "amount": 100, "currency": "EUR"})
    await standing_orders.run()
    assert await bob.balance(his) == 0
    _a_day_later(sql, identifier)
    await standing_orders.run()
    assert await bob.balance(his) == 100
    (run,) = (await _read(ada, identifier))["runs"]
    assert (run["status"], run["attempts"], run["refused"]) == ("paid", 2, None)


async def _skip(person: Person, sql: Sql, identifier: str) -> None:
    _days_ago(sql, identifier, 0)
    sql(
        "UPDATE money.recurring_runs SET scheduled_on = scheduled_on - 400 WHERE recurring_transfer_id = %s",
        UUID(identifier),
    )
    for _ in range(4):
        await standing_orders.run()
        _a_day_later(sql, identifier)


async def test_after_five_skipped_in_a_row_the_order_is_paused_and_can_go_on(ada: Person, his: str, sql: Sql) -> None:
    poor = await ada.account(10)
    identifier = await _made(ada, order(poor, to_account_id=his))
    for number in range(1, 6):
        assert (await _read(ada, identifier))["status"] == "active"
        await _skip(ada, sql, identifier)
        assert sql("SELECT skipped_in_a_row FROM money.recurring_transfers WHERE id = %s", UUID(identifier)) == [
            (number,)
        ]
    found = await _read(ada, identifier)
    assert (found["status"], found["next_run_at"]) == ("paused", None)
    assert [kind for kind, _ in events(sql, ada)][-1] == "recurring_transfer.paused"
    assert (await _change(ada, identifier, status="active"))["status"] == "active"
    await _skip(ada, sql, identifier)
    assert (await _read(ada, identifier))["status"] == "active"


async def test_one_payment_in_between_starts_the_count_anew(ada: Person, his: str, sql: Sql) -> None:
    poor = await ada.account(10)
    identifier = await _made(ada, order(poor, to_account_id=his))
    for _ in range(4):
        await _skip(ada, sql, identifier)
    await _change(ada, identifier, amount=1)
    await _skip(ada, sql, identifier)
    assert (await _read(ada, identifier))["runs"][0]["status"] == "paid"
    await _change(ada, identifier, amount=100)
    await _skip(ada, sql, identifier)
    assert (await _read(ada, identifier))["status"] == "active"


async def test_who_has_left_is_not_paid_by_handle(ada: Person, bob: Person, hers: str) -> None:
    identifier = await _made(ada, order(hers, to_handle=await call(bob)))
    await bob.account()
    await state(bob, deleted_at=datetime.now(UTC))
    await standing_orders.run()
    (run,) = (await _read(ada, identifier))["runs"]
    assert (run["status"], run["refused"]) == ("failed", "RecipientNotFound")
    assert await ada.balance(hers) == 1000


# Changing and ending ----------------------------------------------------------------------------------------------------------------


async def test_another_amount_counts_from_the_next_payment_on(ada: Person, hers: str, his: str, sql: Sql) -> None:
    identifier = await _made(ada, order(hers, to_account_id=his, description="a"))
    changed = await _change(ada, identifier, amount=30)
    assert (changed["amount"], changed["description"]) == (30, "a")
    assert (await _change(ada, identifier, description=""))["description"] == ""
    await standing_orders.run()
    assert await ada.balance(hers) == 970


async def test_dates_pass_while_an_order_is_paused(ada: Person, hers: str, his: str, sql: Sql) -> None:
    identifier = await _made(ada, order(hers, to_account_id=his, every="day"))
    assert (await _change(ada, identifier, status="paused"))["next_run_at"] is None
    _days_ago(sql, identifier, 5)
    await standing_orders.run()
    assert (await _change(ada, identifier, status="active"))["next_run_at"][:10] == str(today() + timedelta(days=1))
    await standing_orders.run()
    assert await ada.balance(hers) == 1000


async def test_what_was_to_be_tried_again_is_not_when_the_order_is_paused_or_canceled(
    ada: Person, his: str, sql: Sql
) -> None:
    for end in ("paused", "canceled"):
        poor = await ada.account(10)
        identifier = await _made(ada, order(poor, to_account_id=his))
        await standing_orders.run()
        if end == "paused":
            await _change(ada, identifier, status="paused")
            await _change(ada, identifier, status="active")
        else:
            await ada.client.delete(f"{ORDERS}/{identifier}", headers=ada.auth)
        await ada.post("/v1/money/deposits", {"account_id": poor, "amount": 1000, "currency": "EUR"})
        _a_day_later(sql, identifier)
        await standing_orders.run()
        assert await ada.balance(poor) == 1010


async def test_a_canceled_order_is_over_for_good(ada: Person, hers: str, his: str) -> None:
    identifier = await _made(ada, order(hers, to_account_id=his))
    for _ in range(2):
        assert (await ada.client.delete(f"{ORDERS}/{identifier}", headers=ada.auth)).status_code == 204
    await standing_orders.run()
    assert await ada.balance(hers) == 1000
    assert (await _read(ada, identifier))["status"] == "canceled"
    for change in ({"amount": 1}, {"status": "active"}):
        assert (await _change(ada, identifier, **change))["code"] == "RecurringTransferEnded"


@pytest.mark.parametrize("end", [{"times": 2}, {"end_on": 1}], ids=["times", "date"])
async def test_it_ends_after_so_many_dates_or_at_a_date(
    ada: Person, bob: Person, hers: str, his: str, sql: Sql, end: dict[str, Any]
) -> None:
    limit = {"end_on": str(today() + timedelta(days=1))} if "end_on" in end else end
    identifier = await _made(ada, order(hers, to_account_id=his, every="day", **limit))
    await standing_orders.run()
    assert (await _read(ada, identifier))["status"] == "active"
    sql(
        "UPDATE money.recurring_runs SET scheduled_on = scheduled_on - 1 WHERE recurring_transfer_id = %s",
        UUID(identifier),
    )
    sql(
        "UPDATE money.recurring_transfers SET anchor_on = anchor_on - 1, start_on = start_on - 1, next_on = next_on - 1,"
        " last_on = last_on - 1 WHERE id = %s",
        UUID(identifier),
    )
    sql(
        "DELETE FROM money.recurring_runs WHERE scheduled_on = %s AND recurring_transfer_id = %s",
        today(),
        UUID(identifier),
    )
    sql("SET artel.erasing = 'on'")
    sql("DELETE FROM money.idempotency_keys WHERE key LIKE %s", f"%{identifier}%")
    sql("SET artel.erasing = 'off'")
    await standing_orders.run()
    found = await _read(ada, identifier)
    assert (found["status"], found["next_run_at"], len(found["runs"])) == ("finished", None, 2)
    assert await bob.balance(his) == 200
    assert (await ada.client.delete(f"{ORDERS}/{identifier}", headers=ada.auth)).json()[
        "code"
    ] == "RecurringTransferEnded"


async def test_changing_and_paying_at_once_is_one_after_the_other(ada: Person, hers: str, his: str) -> None:
    made = [await _made(ada, order(hers, to_account_id=his, amount=10)) for _ in range(4)]
    await asyncio.gather(
        *(standing_orders.run() for _ in range(3)),
        *(_change(ada, identifier, amount=20) for identifier in made),
        *(ada.client.delete(f"{ORDERS}/{identifier}", headers=ada.auth) for identifier in made),
    )
    paid = [run for identifier in made for run in (await _read(ada, identifier))["runs"] if run["status"] == "paid"]
    spent = 1000 - await ada.balance(hers)
    assert 10 * len(paid) <= spent <= 20 * len(paid)
    assert {(await _read(ada, identifier))["status"] for identifier in made} == {"canceled"}


# What is asked for ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": "year"},
        {"hour": 24},
        {"hour": -1},
        {"times": 0},
        {"times": 2, "end_on": "2099-01-01"},
        {"start_on": "2026-02-30"},
        {"start_on": 20000},
        {"start_on": None},
        {"amount": 0},
        {"to_handle": "ada_l"},
        {"to_account_id": None},
        {"extra": 1},
    ],
)
async def test_a_malformed_order_is_refused(ada: Person, hers: str, his: str, wrong: dict[str, Any]) -> None:
    answer = await ada.post(ORDERS, order(hers, to_account_id=his) | wrong)
    assert answer.json()["code"] == "MalformedRequest"


async def test_an_order_needs_accounts_people_and_dates_that_are_there(
    ada: Person, bob: Person, hers: str, his: str
) -> None:
    dollars = await bob.account(currency="USD")
    yesterday, tomorrow, far = today() - timedelta(days=1), today() + timedelta(days=1), today() + timedelta(days=4000)
    for wanted, code in (
        (order(his, to_account_id=hers), "AccountNotFound"),
        (order(hers, to_account_id=str(uuid4())), "RecipientNotFound"),
        (order(hers, to_account_id=hers), "SameAccount"),
        (order(hers, to_account_id=dollars), "CurrencyMismatch"),
        (order(hers, to_account_id=his, currency="USD"), "CurrencyMismatch"),
        (order(hers, to_handle=new_handle()), "RecipientNotFound"),
        (order(hers, to_account_id=his, start_on=str(yesterday)), "StartOutOfRange"),
        (order(hers, to_account_id=his, start_on=str(far)), "StartOutOfRange"),
        (order(hers, to_account_id=his, anchor_on="9999-12-31"), "StartOutOfRange"),
        (order(hers, to_account_id=his, anchor_on="0001-01-01"), "StartOutOfRange"),
        (order(hers, to_account_id=his, start_on=str(tomorrow), end_on=str(today())), "NoOccurrence"),
    ):
        answer = await ada.post(ORDERS, wanted)
        assert answer.json().get("code") == code, wanted


async def test_artels_own_accounts_take_no_standing_orders(ada: Person, hers: str, sql: Sql) -> None:
    (own,) = sql("SELECT id FROM money.accounts WHERE code = 'clearing:sandbox:EUR'")[0]
    assert (await ada.post(ORDERS, order(hers, to_account_id=str(own)))).json()["code"] == "RecipientNotFound"


async def test_a_retry_makes_no_second_order(ada: Person, hers: str, his: str) -> None:
    answers = await asyncio.gather(*(ada.post(ORDERS, order(hers, to_account_id=his), "k") for _ in range(8)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    await standing_orders.run()
    assert await ada.balance(hers) == 900


async def test_somebody_elses_order_is_as_if_absent(ada: Person, bob: Person, hers: str, his: str) -> None:
    identifier = await _made(ada, order(hers, to_account_id=his))
    answers = [
        await bob.get(f"{ORDERS}/{identifier}"),
        await bob.client.patch(f"{ORDERS}/{identifier}", json={"amount": 1}, headers=bob.auth),
        await bob.client.delete(f"{ORDERS}/{identifier}", headers=bob.auth),
    ]
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(404, "RecurringTransferNotFound")}
    assert (await bob.get(ORDERS)).json()["items"] == []


async def test_orders_page_and_are_filtered(ada: Person, hers: str, his: str) -> None:
    made = [await _made(ada, order(hers, to_account_id=his, amount=n)) for n in range(1, 6)]
    await _change(ada, made[0], status="paused")
    first = (await ada.get(ORDERS, params={"limit": 3})).json()
    rest = (await ada.get(ORDERS, params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [each["id"] for each in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
    paused = (await ada.get(ORDERS, params={"status": "paused"})).json()["items"]
    assert [each["id"] for each in paused] == made[:1]
    for identifier in made:
        await _change(ada, identifier, status="paused")
