"""Whoever gets past every rule of the database, as a superuser does, is found by the chain of seals all the same."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from common.db import dispose_engines, transaction
from common.settings import settings
from money.checking import BooksAreWrong, check_books, check_seals
from money.upkeep import publish
from tests.money.conftest import Bell
from tests.money.state_machine.books import Books, Request
from tests.people import Person

ADA, BOB, EVE = (UUID(int=n) for n in range(1, 4))
TRANSFERS = 5
DEPOSITS = 2


def ask(books: Books, function: str, owner: UUID, *args: Any) -> dict[str, Any]:
    answer = books.request(Request(function, owner, str(uuid4()), args))
    assert answer.get("refused") is None, answer
    return answer


class Chain:
    """A ledger with some transfers, all of them sealed."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.hers, self.his, self.third = (self._account(owner) for owner in (ADA, BOB, EVE))
        ask(books, "arrive", ADA, self.hers, 1000, "EUR")
        ask(books, "arrive", EVE, self.third, 1000, "EUR")
        self.transfers = [self.send() for _ in range(TRANSFERS)]
        assert self.publish() == DEPOSITS + TRANSFERS
        assert self.wrong() is None

    def _account(self, owner: UUID) -> str:
        return str(ask(self.books, "open_account", owner, "EUR", "")["account_id"])

    def send(self) -> str:
        made = ask(self.books, "transfer", ADA, self.hers, self.his, 7, "EUR", "Обед")
        return str(made["transaction_id"])

    def publish(self) -> int:
        return int(self.books.row("publish", 1000)["sealed"])

    def tamper(self, statement: str, *values: Any) -> None:
        """As a superuser, past triggers: exactly one row."""
        assert self.books.superuser.execute(statement.encode(), values).rowcount == 1

    def verify(self) -> dict[str, Any]:
        return self.books.row("verify_seals", 1, 1000)

    def wrong(self) -> Any:
        return self.verify()["wrong"]

    def head(self) -> bytes:
        return bytes(self.verify()["head"])

    def violations(self) -> list[str]:
        found = self.books.rows("SELECT invariant, detail FROM money.violations()")
        return [f"{row['invariant']}: {row['detail']}" for row in found]


@pytest.fixture
def chain(books: Books) -> Chain:
    return Chain(books)


@pytest.mark.parametrize("change", ["amount = 8", "side = 'credit'", "currency = 'USD'"])
def test_an_entry_that_was_altered_is_named(chain: Chain, change: str) -> None:
    chain.tamper(
        f"UPDATE money.entries SET {change} WHERE transaction_id = %s AND account_id = %s",
        chain.transfers[2],
        chain.hers,
    )
    found = chain.verify()
    assert found["wrong"] == f"the entry of account {chain.hers} in transaction {chain.transfers[2]} was altered"
    assert (str(found["transaction_id"]), str(found["account_id"])) == (chain.transfers[2], chain.hers)
    assert found["checked_to"] == DEPOSITS + 3


def test_an_entry_that_was_given_to_another_account_is_named(chain: Chain) -> None:
    """So that every total stays what it was."""
    moved = (
        "UPDATE money.entries SET account_id = %s, account_version = 99 WHERE transaction_id = %s AND account_id = %s"
    )
    chain.tamper(moved, chain.third, chain.transfers[1], chain.his)
    found = chain.verify()
    assert str(found["transaction_id"]) == chain.transfers[1]
    assert str(found["account_id"]) in (chain.third, chain.his)
    assert "added" in found["wrong"] or "deleted" in found["wrong"]


def test_an_entry_that_was_deleted_is_named(chain: Chain) -> None:
    gone = "DELETE FROM money.entries WHERE transaction_id = %s AND account_id = %s"
    chain.tamper(gone, chain.transfers[0], chain.his)
    found = chain.verify()
    assert found["wrong"] == f"the entry of account {chain.his} in transaction {chain.transfers[0]} was deleted"
    assert str(found["account_id"]) == chain.his


@pytest.mark.parametrize("table", ["entries", "deltas"])
def test_an_entry_that_was_added_is_named(chain: Chain, table: str) -> None:
    more = {
        "entries": """INSERT INTO money.entries
            (account_id, account_version, transaction_id, currency, side, amount, balance_after, booked_at)
            VALUES (%s, 99, %s, 'EUR', 'credit', 5, 5, now())""",
        "deltas": """INSERT INTO money.deltas (account_id, transaction_id, currency, side, amount)
            VALUES (%s, %s, 'EUR', 'credit', 5)""",
    }
    chain.tamper(more[table], chain.third, chain.transfers[4])
    found = chain.verify()
    assert found["wrong"] == f"an entry of account {chain.third} was added to transaction {chain.transfers[4]}"
    assert (str(found["transaction_id"]), str(found["account_id"])) == (chain.transfers[4], chain.third)


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'adjustment'",
        "created_by = uuidv7()",
        "posted_at = posted_at + interval '1 microsecond'",
        "original_id = uuidv7()",
        "sides = 3",
    ],
)
def test_a_transaction_that_was_altered_is_named(chain: Chain, change: str) -> None:
    chain.tamper(f"UPDATE money.transactions SET {change} WHERE id = %s", chain.transfers[3])
    found = chain.verify()
    assert found["wrong"] == f"transaction {chain.transfers[3]} or its seal was altered"
    assert (str(found["transaction_id"]), found["account_id"]) == (chain.transfers[3], None)


def test_a_transaction_that_was_deleted_is_named(chain: Chain) -> None:
    chain.tamper("DELETE FROM money.transactions WHERE id = %s", chain.transfers[3])
    found = chain.verify()
    assert found["wrong"] == f"transaction {chain.transfers[3]} was deleted"
    assert str(found["transaction_id"]) == chain.transfers[3]


@pytest.mark.parametrize("change", ["hash = sha256('x')", "digests[1] = sha256('x')", "accounts[1] = uuidv7()"])
def test_a_seal_that_was_altered_is_found_where_it_is(chain: Chain, change: str) -> None:
    chain.tamper(f"UPDATE money.seals SET {change} WHERE transaction_id = %s", chain.transfers[1])
    found = chain.verify()
    assert found["wrong"] is not None
    assert (found["checked_to"], str(found["transaction_id"])) == (DEPOSITS + 2, chain.transfers[1])


def test_an_entry_and_its_seal_that_were_altered_together_are_found_by_the_hash(chain: Chain) -> None:
    """Whoever makes the digest fit would have to make every hash after it anew."""
    chain.tamper(
        "UPDATE money.entries SET amount = 8 WHERE transaction_id = %s AND account_id = %s",
        chain.transfers[1],
        chain.hers,
    )
    fit = """UPDATE money.seals AS s SET accounts = d.accounts, digests = d.digests
        FROM money.digests(ARRAY[%s::uuid]) AS d WHERE d.transaction_id = s.transaction_id"""
    chain.tamper(fit, chain.transfers[1])
    assert chain.wrong() == f"transaction {chain.transfers[1]} or its seal was altered"
    anew = """UPDATE money.seals AS s SET hash = sha256(%s || d.body)
        FROM money.digests(ARRAY[%s::uuid]) AS d WHERE d.transaction_id = s.transaction_id"""
    (before,) = chain.books.rows("SELECT hash FROM money.seals WHERE position = %s", DEPOSITS + 1)
    chain.tamper(anew, bytes(before["hash"]), chain.transfers[1])
    assert chain.wrong() == f"transaction {chain.transfers[2]} or its seal was altered"


def test_a_seal_that_was_deleted_in_the_middle_is_missed(chain: Chain) -> None:
    chain.tamper("DELETE FROM money.seals WHERE position = 4")
    found = chain.verify()
    assert (found["wrong"], found["checked_to"]) == ("seal 4 is missing", 3)
    assert chain.books.row("verify_seals", 5, 1000)["wrong"] == "seal 4 is missing"
    sealed_nowhere = f"I10 seals: transaction {chain.transfers[1]} is neither sealed nor about to be"
    assert chain.violations() == [sealed_nowhere]


def test_a_cut_off_end_is_found_by_who_has_kept_an_older_head(chain: Chain) -> None:
    """The last transactions, with all that is known of them: no rule is broken by what is left."""
    kept = chain.verify()
    last = chain.transfers[-1]
    chain.tamper("DELETE FROM money.seals WHERE transaction_id = %s", last)
    chain.tamper("DELETE FROM money.transactions WHERE id = %s", last)
    chain.tamper("DELETE FROM money.idempotency_keys WHERE transaction_id = %s", last)
    for account, column in ((chain.hers, "debits"), (chain.his, "credits")):
        chain.tamper("DELETE FROM money.entries WHERE transaction_id = %s AND account_id = %s", last, account)
        back = f"UPDATE money.accounts SET {column} = {column} - 7, version = version - 1 WHERE id = %s"
        chain.tamper(back, account)
    assert (chain.wrong(), chain.violations()) == (None, [])
    found = chain.verify()
    assert (found["checked_to"], kept["checked_to"]) == (DEPOSITS + TRANSFERS - 1, DEPOSITS + TRANSFERS)
    chain.send()
    chain.publish()
    found = chain.verify()
    assert found["checked_to"] == kept["checked_to"]
    assert bytes(found["head"]) != bytes(kept["head"])


def test_a_transaction_that_is_to_be_sealed_and_was_forgotten_is_found(chain: Chain) -> None:
    made = chain.send()
    chain.tamper("DELETE FROM money.outbox WHERE transaction_id = %s", made)
    assert chain.violations() == [f"I10 seals: transaction {made} is neither sealed nor about to be"]


@pytest.fixture
def hot(chain: Chain) -> Chain:
    """One transfer more, into an account that is hot now."""
    assert chain.books.value("configure", EVE, chain.his, None, True, "many pay") is None
    chain.transfers.append(chain.send())
    chain.publish()
    return chain


def test_a_delta_that_was_altered_before_it_is_folded_is_named(hot: Chain) -> None:
    hot.tamper("UPDATE money.deltas SET amount = 8 WHERE account_id = %s", hot.his)
    for _ in range(2):
        found = hot.verify()
        assert found["wrong"] == f"the entry of account {hot.his} in transaction {hot.transfers[-1]} was altered"
        assert str(found["account_id"]) == hot.his
        hot.books.superuser.execute("SELECT money.fold_hot(%s)", [hot.his])


def test_folding_breaks_no_seal(hot: Chain) -> None:
    before = hot.head()
    hot.books.value("fold_hot", hot.his)
    assert hot.books.rows("SELECT * FROM money.deltas WHERE account_id = %s", hot.his) == []
    assert (hot.wrong(), hot.head(), hot.violations()) == (None, before, [])


def test_words_that_were_erased_break_no_seal(chain: Chain) -> None:
    before = chain.head()
    chain.tamper("UPDATE money.transactions SET description = '' WHERE id = %s", chain.transfers[2])
    assert (chain.wrong(), chain.head(), chain.violations()) == (None, before, [])


# The schedule -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def scheduled(chain: Chain, loop_of_the_run: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chain]:
    """Its checks are due, and those who check are led to it."""
    chain.books.superuser.execute("UPDATE money.checks SET due_at = now(), position = 1, problems = '[]'")
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", chain.books.url)
        settings.cache_clear()
        await dispose_engines()
        yield chain
    settings.cache_clear()
    await dispose_engines()


def _altered(chain: Chain) -> None:
    chain.tamper(
        "UPDATE money.entries SET amount = 8 WHERE transaction_id = %s AND account_id = %s",
        chain.transfers[2],
        chain.his,
    )


async def _problems(check: str) -> list[dict[str, Any]]:
    async with transaction("money") as session:
        found = await session.scalar(text("SELECT problems FROM money.checks WHERE name = :name"), {"name": check})
    return list(found)


@pytest.mark.parametrize(("name", "check"), [("seals", check_seals), ("books", check_books)])
async def test_what_is_wrong_is_an_alarm_and_stays_written(
    scheduled: Chain, bell: Bell, name: str, check: Callable[[], Any]
) -> None:
    _altered(scheduled)
    with pytest.raises(BooksAreWrong, match=name):
        await check()
    assert bell.alarms == [name]
    problems = await _problems(name)
    assert problems == bell.records[0].__dict__["problems"]
    assert any(scheduled.transfers[2] in problem["detail"] for problem in problems)
    if name == "seals":
        (problem,) = problems
        assert (problem["transaction_id"], problem["account_id"]) == (scheduled.transfers[2], scheduled.his)
    await check()  # It is not due again yet.
    assert bell.alarms == [name]


async def test_right_books_are_no_alarm(scheduled: Chain, bell: Bell) -> None:
    await check_seals()
    await check_books()
    assert (bell.alarms, await _problems("seals"), await _problems("books")) == ([], [], [])


def test_a_past_that_was_made_anew_is_found_by_who_has_kept_an_older_head(chain: Chain) -> None:
    """Somebody with every right alters an amount, and then all the seals after it."""
    before = chain.verify()
    for side in ("debit", "credit"):
        chain.tamper(
            "UPDATE money.entries SET amount = 8 WHERE transaction_id = %s AND side = %s", chain.transfers[1], side
        )
    for statement in ("INSERT INTO money.outbox SELECT transaction_id FROM money.seals", "DELETE FROM money.seals"):
        chain.books.superuser.execute(statement.encode())
    chain.publish()
    after = chain.verify()
    assert (after["wrong"], after["checked_to"]) == (None, before["checked_to"])
    assert bytes(after["head"]) != bytes(before["head"])


async def test_over_http_the_end_of_the_chain_is_told_to_be_kept(ada: Person, boss: Person) -> None:
    await ada.account(5)
    await publish()
    path = "/v1/money/admin/seals/verify"
    read = (await boss.get(path)).json()
    assert (read["ok"], read["complete"], read["problem"], len(read["hash"])) == (True, True, None, 64)
    rest = (await boss.get(path, params={"from": read["checked_to"]})).json()
    assert (rest["ok"], rest["hash"]) == (True, read["hash"])
    # Who has kept an older head asks from there; a chain that does not reach so far was cut off.
    beyond = (await boss.get(path, params={"from": read["checked_to"] + 2})).json()
    assert (beyond["ok"], beyond["problem"]) == (False, f"seal {read['checked_to'] + 1} is missing")
