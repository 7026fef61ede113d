"""Quotes and exchanges: the amounts, the one use of a quote, and who may do what."""

import asyncio
import secrets
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from common.settings import settings
from money import upkeep
from tests.people import People, Person

QUOTES, EXCHANGES, RATES = "/v1/money/quotes", "/v1/money/exchanges", "/v1/money/admin/rates"
LARGEST = 2**53 - 1


@pytest.fixture
async def admin(people: People) -> Person:
    return await people.person("Root", scope=frozenset({"admin"}), roles=("user", "admin"))


async def set_rate(admin: Person, base: str, quote: str, rate: str, spread: str = "0") -> None:
    order = {"base": base, "quote": quote, "rate": rate, "spread": spread, "reason": "test"}
    answer = await admin.client.put(RATES, json=order, headers=admin.auth)
    assert answer.status_code == 200, answer.text


async def quoted(person: Person, source: str, target: str, **amount: int) -> dict[str, Any]:
    answer = await person.post(QUOTES, {"from_account_id": source, "to_account_id": target, **amount})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture
def owner(owner_connection: psycopg.Connection) -> psycopg.Connection:
    owner_connection.execute("SET ROLE artel_owner")
    return owner_connection


def age(owner: psycopg.Connection, quote: str, interval: str) -> None:
    """Time passes; that a quote is never changed has to be suspended for it."""
    owner.execute("ALTER TABLE money.quotes DISABLE TRIGGER used_once")
    owner.execute(f"UPDATE money.quotes SET expires_at = expires_at - interval '{interval}' WHERE id = %s", [quote])
    owner.execute("ALTER TABLE money.quotes ENABLE TRIGGER used_once")


@pytest.fixture
async def euros(ada: Person) -> str:
    return await ada.account(100_000, "EUR")


@pytest.fixture
async def yen(ada: Person) -> str:
    return await ada.account(0, "JPY")


@pytest.fixture
async def rate(admin: Person) -> None:
    await set_rate(admin, "EUR", "JPY", "162.345", "0.01")


async def test_an_exchange_moves_both_amounts_in_one_transaction(
    ada: Person, euros: str, yen: str, rate: None, owner: psycopg.Connection
) -> None:
    quote = await quoted(ada, euros, yen, sell_amount=10_000)
    # 100.00 EUR × 162.345 × 0.99 = 16072.155 JPY, and there are no smaller yen.
    assert (quote["sell_amount"], quote["buy_amount"], quote["rate"]) == (10_000, 16_072, "160.72155")
    assert (quote["sell_currency"], quote["buy_currency"]) == ("EUR", "JPY")
    made = await ada.post(EXCHANGES, {"quote_id": quote["id"]})
    assert made.status_code == 201, made.text
    exchange = made.json()
    assert (await ada.balance(euros), await ada.balance(yen)) == (90_000, 16_072)
    assert {name: exchange[name] for name in ("quote_id", "sell_amount", "buy_amount", "rate")} == {
        "quote_id": quote["id"],
        "sell_amount": 10_000,
        "buy_amount": 16_072,
        "rate": "160.72155",
    }
    sides = owner.execute(
        "SELECT coalesce(a.code, a.id::text), s.side, s.currency, s.amount FROM money.sides AS s "
        "JOIN money.accounts AS a ON a.id = s.account_id WHERE s.transaction_id = %s",
        [exchange["id"]],
    ).fetchall()
    assert sorted(sides) == sorted(
        [
            (euros, "debit", "EUR", 10_000),
            ("liquidity:EUR", "credit", "EUR", 10_000),
            ("liquidity:JPY", "debit", "JPY", 16_072),
            (yen, "credit", "JPY", 16_072),
        ]
    )
    for account, amount in ((euros, -10_000), (yen, 16_072)):
        entry = (await ada.get(f"/v1/money/accounts/{account}/entries")).json()["items"][0]
        assert (entry["kind"], entry["amount"], entry["transaction_id"]) == ("exchange", amount, exchange["id"])
        assert entry["description"] == "EUR/JPY 160.72155"


async def test_what_must_be_sold_for_an_amount_is_rounded_up(ada: Person, euros: str, yen: str, rate: None) -> None:
    quote = await quoted(ada, euros, yen, buy_amount=1)
    # 1 JPY / (162.345 × 0.99) = 0.0062 EUR: a whole cent.
    assert (quote["sell_amount"], quote["buy_amount"]) == (1, 1)
    quote = await quoted(ada, euros, yen, buy_amount=16_072)
    assert quote["sell_amount"] == 10_000


async def test_the_rate_of_the_pair_holds_in_the_other_direction_too(ada: Person, euros: str, rate: None) -> None:
    yen = await ada.account(20_000, "JPY")
    quote = await quoted(ada, yen, euros, sell_amount=16_235)
    # 16235 JPY / 162.345 × 0.99 = 99.00212 EUR.
    assert quote["buy_amount"] == 9_900
    assert quote["rate"].startswith("0.00609812")


async def test_three_digits_against_two(ada: Person, admin: Person, euros: str) -> None:
    dinars = await ada.account(5_000, "KWD")
    await set_rate(admin, "KWD", "EUR", "3.0125")
    assert (await quoted(ada, dinars, euros, sell_amount=1_001))["buy_amount"] == 301  # 1.001 KWD = 3.0155125 EUR
    assert (await quoted(ada, euros, dinars, sell_amount=302))["buy_amount"] == 1_002  # 3.02 EUR = 1.00248… KWD
    assert (await quoted(ada, dinars, euros, buy_amount=302))["sell_amount"] == 1_003
    assert (await quoted(ada, euros, dinars, buy_amount=1_001))["sell_amount"] == 302


async def test_what_would_buy_nothing_is_refused(ada: Person, euros: str, rate: None) -> None:
    yen = await ada.account(10, "JPY")
    answer = await ada.post(QUOTES, {"from_account_id": yen, "to_account_id": euros, "sell_amount": 1})
    assert (answer.status_code, answer.json()["code"]) == (422, "AmountTooSmall")


async def test_amounts_that_json_cannot_carry_are_refused(ada: Person, euros: str, yen: str, rate: None) -> None:
    # A cent is more than a yen.
    for source, target, amount in ((euros, yen, {"sell_amount": LARGEST}), (yen, euros, {"buy_amount": LARGEST})):
        answer = await ada.post(QUOTES, {"from_account_id": source, "to_account_id": target, **amount})
        assert (answer.status_code, answer.json()["code"]) == (422, "AmountTooLarge")
    for quote in (
        await quoted(ada, yen, euros, sell_amount=LARGEST),
        await quoted(ada, euros, yen, buy_amount=LARGEST),
    ):
        assert max(quote["buy_amount"], quote["sell_amount"]) == LARGEST
        assert (await ada.post(EXCHANGES, {"quote_id": quote["id"]})).json()["code"] == "InsufficientFunds"


async def test_a_quote_needs_two_of_ones_own_accounts(
    ada: Person, bob: Person, euros: str, yen: str, rate: None
) -> None:
    his = await bob.account(0, "JPY")
    for source, target in ((euros, his), (his, euros), (euros, str(uuid4())), (str(uuid4()), yen)):
        answer = await ada.post(QUOTES, {"from_account_id": source, "to_account_id": target, "sell_amount": 100})
        assert (answer.status_code, answer.json()["code"]) == (404, "AccountNotFound")
    other = await ada.account(0, "EUR")
    for target in (other, euros):
        answer = await ada.post(QUOTES, {"from_account_id": euros, "to_account_id": target, "sell_amount": 100})
        assert (answer.status_code, answer.json()["code"]) == (422, "SameCurrency")


@pytest.mark.parametrize(
    "amount",
    [
        {},
        {"sell_amount": 1, "buy_amount": 1},
        {"sell_amount": 0},
        {"sell_amount": 1.5},
        {"buy_amount": "1"},
        {"buy_amount": True},
        {"sell_amount": 2**53},
        {"sell_amount": 5, "rate": "1000"},
    ],
)
async def test_a_quote_is_for_exactly_one_whole_amount(
    ada: Person, euros: str, yen: str, amount: dict[str, Any]
) -> None:
    answer = await ada.post(QUOTES, {"from_account_id": euros, "to_account_id": yen, **amount})
    assert answer.status_code == 422, answer.text


async def test_32_tasks_on_one_quote_make_one_exchange(ada: Person, euros: str, yen: str, rate: None) -> None:
    quote = await quoted(ada, euros, yen, sell_amount=10_000)
    answers = await asyncio.gather(*(ada.post(EXCHANGES, {"quote_id": quote["id"]}) for _ in range(32)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 31
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"QuoteUsed"}
    assert (await ada.balance(euros), await ada.balance(yen)) == (90_000, 16_072)


async def test_32_tasks_with_one_key_get_one_answer(ada: Person, euros: str, yen: str, rate: None) -> None:
    order = {"from_account_id": euros, "to_account_id": yen, "sell_amount": 10_000}
    quotes = await asyncio.gather(*(ada.post(QUOTES, order, "q") for _ in range(32)))
    assert len({answer.content for answer in quotes}) == 1
    take = {"quote_id": quotes[0].json()["id"]}
    answers = await asyncio.gather(*(ada.post(EXCHANGES, take, "x") for _ in range(32)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert await ada.balance(euros) == 90_000


async def test_opposite_exchanges_at_the_same_time_never_deadlock(ada: Person, euros: str, rate: None) -> None:
    yen = await ada.account(1_000_000, "JPY")
    there = [await quoted(ada, euros, yen, sell_amount=100) for _ in range(12)]
    back = [await quoted(ada, yen, euros, sell_amount=1000) for _ in range(12)]
    answers = await asyncio.gather(*(ada.post(EXCHANGES, {"quote_id": quote["id"]}) for quote in [*there, *back]))
    assert {answer.status_code for answer in answers} == {201}
    assert await ada.balance(euros) == 100_000 - 12 * 100 + sum(quote["buy_amount"] for quote in back)


async def test_a_quote_expires(ada: Person, euros: str, yen: str, rate: None, owner: psycopg.Connection) -> None:
    quote = await quoted(ada, euros, yen, sell_amount=100)
    age(owner, quote["id"], "60 seconds")
    late = [await ada.post(EXCHANGES, {"quote_id": quote["id"]}, "late") for _ in range(2)]
    assert [(answer.status_code, answer.json()["code"]) for answer in late] == [(409, "QuoteExpired")] * 2
    assert late[1].headers["idempotent-replayed"] == "true"
    assert await ada.balance(euros) == 100_000


async def test_a_quote_keeps_its_rate_when_the_rate_changes(
    ada: Person, admin: Person, euros: str, yen: str, rate: None
) -> None:
    quote = await quoted(ada, euros, yen, sell_amount=10_000)
    await set_rate(admin, "JPY", "EUR", "0.01")
    assert (await ada.post(EXCHANGES, {"quote_id": quote["id"]})).json()["buy_amount"] == 16_072
    assert (await quoted(ada, euros, yen, sell_amount=10_000))["buy_amount"] == 10_000


async def test_somebody_elses_quote_and_exchange_are_as_if_absent(
    ada: Person, bob: Person, euros: str, yen: str, rate: None
) -> None:
    quote = await quoted(ada, euros, yen, sell_amount=100)
    for given in (quote["id"], str(uuid4())):
        answer = await bob.post(EXCHANGES, {"quote_id": given})
        assert (answer.status_code, answer.json()["code"]) == (404, "QuoteNotFound")
    made = (await ada.post(EXCHANGES, {"quote_id": quote["id"]})).json()
    assert (await ada.get(f"{EXCHANGES}/{made['id']}")).json() == made
    assert (await bob.get(f"{EXCHANGES}/{made['id']}")).json()["code"] == "ExchangeNotFound"
    assert (await bob.get(EXCHANGES)).json()["items"] == []


async def test_exchanges_are_listed_in_pages_newest_first(ada: Person, euros: str, yen: str, rate: None) -> None:
    made = []
    for amount in range(100, 105):
        quote = await quoted(ada, euros, yen, sell_amount=amount)
        made.append((await ada.post(EXCHANGES, {"quote_id": quote["id"]})).json())
    seen: list[dict[str, Any]] = []
    cursor = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = (await ada.get(EXCHANGES, params=query)).json()
        seen += answer["items"]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


async def test_a_refused_exchange_leaves_the_quote_as_it_was(ada: Person, yen: str, rate: None) -> None:
    poor = await ada.account(99, "EUR")
    quote = await quoted(ada, poor, yen, sell_amount=100)
    refused = await ada.post(EXCHANGES, {"quote_id": quote["id"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "InsufficientFunds")
    await ada.post("/v1/money/deposits", {"account_id": poor, "amount": 1, "currency": "EUR"})
    assert (await ada.post(EXCHANGES, {"quote_id": quote["id"]})).status_code == 201
    assert await ada.balance(poor) == 0


async def test_limits_count_what_is_sold(ada: Person, admin: Person, euros: str, yen: str, rate: None) -> None:
    poor = await ada.account(10, "EUR")
    limit = {"owner_id": str(ada.id), "currency": "EUR", "per_day": 250, "reason": "test"}
    made = await admin.client.put("/v1/money/admin/limits", json=limit, headers=admin.auth)
    try:
        codes = []
        # What is refused for another reason is not counted.
        for source, amount in ((euros, 200), (poor, 50), (euros, 51), (euros, 50)):
            quote = await quoted(ada, source, yen, sell_amount=amount)
            codes.append((await ada.post(EXCHANGES, {"quote_id": quote["id"]})).json().get("code"))
        assert codes == [None, "InsufficientFunds", "LimitExceeded", None]
        assert await ada.balance(euros) == 99_750
    finally:
        await admin.post(f"/v1/money/admin/limits/{made.json()['id']}/remove", {"reason": "test"})


async def test_nothing_leaves_a_frozen_account(ada: Person, admin: Person, euros: str, yen: str, rate: None) -> None:
    quote = await quoted(ada, euros, yen, sell_amount=100)
    await admin.post(f"/v1/money/admin/accounts/{euros}/freeze", {"reason": "test"})
    assert (await ada.post(EXCHANGES, {"quote_id": quote["id"]})).json()["code"] == "AccountFrozen"
    assert await ada.balance(euros) == 100_000


async def test_the_hot_account_of_a_shop_can_exchange_too(
    ada: Person, admin: Person, euros: str, yen: str, rate: None
) -> None:
    for account in (euros, yen):
        change = {"hot": True, "reason": "a shop"}
        await admin.client.patch(f"/v1/money/admin/accounts/{account}", json=change, headers=admin.auth)
    quote = await quoted(ada, euros, yen, sell_amount=10_000)
    assert (await ada.post(EXCHANGES, {"quote_id": quote["id"]})).status_code == 201
    assert (await ada.balance(euros), await ada.balance(yen)) == (90_000, 16_072)


async def test_rates_that_nobody_set_are_made_up_locally_and_missing_in_production(
    ada: Person, euros: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    liras = await ada.account(0, "TRY")
    quote = await quoted(ada, euros, liras, sell_amount=10_000)
    assert quote["buy_amount"] == 358_200  # 36 liras a euro, less 0.5 %
    await ada.post(EXCHANGES, {"quote_id": quote["id"]})
    assert await ada.balance(liras) == 358_200
    monkeypatch.setenv("ENVIRONMENT", "prod")
    settings.cache_clear()
    answer = await ada.post(QUOTES, {"from_account_id": euros, "to_account_id": liras, "sell_amount": 10_000})
    monkeypatch.undo()
    settings.cache_clear()
    assert (answer.status_code, answer.json()["code"]) == (409, "RateMissing")


async def test_a_currency_without_any_rate_is_not_exchanged(ada: Person, euros: str) -> None:
    ouguiya = await ada.account(0, "MRU")
    answer = await ada.post(QUOTES, {"from_account_id": euros, "to_account_id": ouguiya, "sell_amount": 100})
    assert (answer.status_code, answer.json()["code"]) == (409, "RateMissing")


async def test_rates_are_the_administrators_and_their_history_stays(ada: Person, admin: Person) -> None:
    order = {"base": "CHF", "quote": "NOK", "rate": "12.1", "reason": "test"}
    assert (await ada.client.put(RATES, json=order, headers=ada.auth)).status_code == 403
    assert (await ada.get(RATES)).status_code == 403
    for base, quote, rate in (("CHF", "NOK", "12.1"), ("NOK", "CHF", "0.0000007"), ("CHF", "NOK", "12.3")):
        await set_rate(admin, base, quote, rate, "0.0025")
    in_force = (await admin.get(RATES, params={"currency": "NOK"})).json()["items"]
    assert [(each["base"], each["rate"], each["ended_at"]) for each in in_force] == [("CHF", "12.300000000000", None)]
    every = (await admin.get(RATES, params={"currency": "NOK", "ended": True})).json()["items"]
    assert [each["rate"] for each in every] == ["12.300000000000", "0.000000700000", "12.100000000000"]
    assert every[0]["spread"] == "0.002500"
    assert every[1]["ended_at"] <= every[0]["created_at"]
    noted = (await admin.get("/v1/money/admin/actions", params={"subject": every[0]["id"]})).json()["items"]
    assert [(each["action"], each["actor_id"], each["reason"]) for each in noted] == [
        ("rate.set", str(admin.id), "test")
    ]


async def test_two_administrators_at_once_leave_one_rate(admin: Person) -> None:
    rates = [("SEK", "DKK", str(n)) for n in range(1, 9)] + [("DKK", "SEK", str(n)) for n in range(1, 9)]
    await asyncio.gather(*(set_rate(admin, *each) for each in rates))
    assert len((await admin.get(RATES, params={"currency": "DKK"})).json()["items"]) == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"quote": "CHF"}, "SameCurrency"),
        ({"quote": "ZZZ"}, "UnknownCurrency"),
        ({"rate": "0"}, "MalformedRequest"),
        ({"rate": "-1"}, "MalformedRequest"),
        ({"rate": "NaN"}, "MalformedRequest"),
        ({"rate": "Infinity"}, "MalformedRequest"),
        ({"rate": "1.0000000000001"}, "MalformedRequest"),
        ({"rate": "1" * 13}, "MalformedRequest"),
        ({"spread": "1"}, "MalformedRequest"),
        ({"spread": "-0.1"}, "MalformedRequest"),
        ({"reason": ""}, "MalformedRequest"),
    ],
)
async def test_wrong_rates_are_refused(admin: Person, wrong: dict[str, str], code: str) -> None:
    order = {"base": "CHF", "quote": "PLN", "rate": "4.5", "spread": "0", "reason": "test"} | wrong
    answer = await admin.client.put(RATES, json=order, headers=admin.auth)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text


async def test_quotes_that_nobody_took_are_forgotten_and_the_others_stay(
    ada: Person, euros: str, yen: str, rate: None, owner: psycopg.Connection
) -> None:
    key = secrets.token_hex(4)
    order = {"from_account_id": euros, "to_account_id": yen, "sell_amount": 100}
    forgotten = (await ada.post(QUOTES, order, key)).json()
    taken, fresh = [await quoted(ada, euros, yen, sell_amount=100) for _ in range(2)]
    exchange = (await ada.post(EXCHANGES, {"quote_id": taken["id"]})).json()
    age(owner, forgotten["id"], "2 days")
    assert await upkeep.sweep_quotes() == 1
    left = owner.execute("SELECT id::text FROM money.quotes WHERE owner_id = %s", [ada.id]).fetchall()
    assert {each for (each,) in left} == {taken["id"], fresh["id"]}
    assert (await ada.get(f"{EXCHANGES}/{exchange['id']}")).status_code == 200
    assert (await ada.post(QUOTES, order, key)).json()["code"] == "QuoteExpired"


@pytest.fixture
def app_role(database: str) -> Iterator[psycopg.Connection]:
    url = make_url(database)
    with psycopg.connect(
        user="artel_money", dbname=url.database, host=str(url.query["host"]), autocommit=True
    ) as connection:
        yield connection


@pytest.mark.parametrize("table", ["rates", "reference_rates", "quotes", "exchanges"])
def test_the_money_role_writes_none_of_the_tables(app_role: psycopg.Connection, table: str) -> None:
    for statement in ("INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}", "TRUNCATE {}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app_role.execute(statement.format(f"money.{table}"))


async def test_what_was_agreed_cannot_be_changed_even_by_the_owner(
    ada: Person, euros: str, yen: str, rate: None, owner: psycopg.Connection
) -> None:
    quote = await quoted(ada, euros, yen, sell_amount=100)
    await ada.post(EXCHANGES, {"quote_id": quote["id"]})
    for statement in (
        "UPDATE money.quotes SET buy_amount = buy_amount + 1 WHERE id = %s",
        "UPDATE money.quotes SET used = false WHERE id = %s",
        "UPDATE money.exchanges SET owner_id = uuidv7() WHERE quote_id = %s",
        "DELETE FROM money.exchanges WHERE quote_id = %s",
        "UPDATE money.rates SET rate = 1 WHERE id = (SELECT rate_id FROM money.quotes WHERE id = %s)",
        "DELETE FROM money.rates WHERE id = (SELECT rate_id FROM money.quotes WHERE id = %s)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            owner.execute(statement, [quote["id"]])
