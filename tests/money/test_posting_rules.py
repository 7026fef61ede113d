"""I1 to I10 against the owner of the tables: what a wrong function of ours would write is refused, or it is found."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.engine import make_url

from tests.money.damage import ADA, BOB, Small, request, small
from tests.money.state_machine.books import Books

_VERSIONS = count(1000)

type Leg = tuple[str, str, str, int]
"""Account, currency, side, amount."""


@pytest.fixture
def ledger(books: Books) -> Small:
    return small(books)


@pytest.fixture
def owner(ledger: Small) -> Iterator[psycopg.Connection]:
    """Whom every trigger sees."""
    url = make_url(ledger.books.url)
    where = {"user": url.username, "dbname": url.database, "host": str(url.query["host"])}
    with psycopg.connect(**where, autocommit=True) as connection:  # type: ignore[arg-type]
        connection.execute("SET ROLE artel_owner")
        yield connection


def posting(*, entries: tuple[Leg, ...] = (), deltas: tuple[Leg, ...] = (), sides: int | None = None) -> bytes:
    """One statement that inserts a transaction with these."""
    number = sides or len(entries) + len(deltas)
    transaction = "INSERT INTO money.transactions (id, kind, description, created_by, sides)"
    parts = [f"t AS ({transaction} VALUES (uuidv7(), 'transfer', '', uuidv7(), {number}) RETURNING id)"]
    columns = "transaction_id, account_id, currency, side, amount"
    for table, legs in (("entries", entries), ("deltas", deltas)):
        more = ", account_version, balance_after, booked_at" if table == "entries" else ""
        given = f", {next(_VERSIONS)}, 0, now()" if table == "entries" else ""
        rows = ", ".join(f"('{a}'::uuid, '{c}', '{s}'::money.side, {n}::bigint)" for a, c, s, n in legs)
        if legs:
            insert = f"INSERT INTO money.{table} ({columns}{more})"
            parts.append(f"{table} AS ({insert} SELECT t.id, v.*{given} FROM t, (VALUES {rows}) AS v)")
    return f"WITH {', '.join(parts)} SELECT id FROM t".encode()


def test_each_currency_sums_to_zero_by_itself(ledger: Small, owner: psycopg.Connection) -> None:
    dollars, more = (str(request(ledger.books, "open_account", who, "USD", "")["account_id"]) for who in (ADA, BOB))
    euros = ((ledger.hers, "EUR", "debit", 5), (ledger.his, "EUR", "credit", 4))
    with pytest.raises(errors.CheckViolation, match="sum to zero"):
        owner.execute(posting(entries=(*euros, (dollars, "USD", "debit", 4), (more, "USD", "credit", 5))))
    with pytest.raises(errors.CheckViolation, match="sum to zero"):
        owner.execute(posting(entries=((ledger.hers, "EUR", "debit", 5), (more, "USD", "credit", 5))))
    right = ((ledger.hers, "EUR", "debit", 5), (ledger.his, "EUR", "credit", 5))
    owner.execute(posting(entries=(*right, (dollars, "USD", "debit", 7), (more, "USD", "credit", 7))))


def test_what_waits_to_be_folded_counts_as_an_entry(ledger: Small, owner: psycopg.Connection) -> None:
    debit, credit = (ledger.hers, "EUR", "debit", 5), (ledger.his, "EUR", "credit", 5)
    owner.execute(posting(entries=(debit,), deltas=(credit,)))
    for wrong in ((ledger.his, "EUR", "credit", 4), (ledger.his, "EUR", "debit", 5)):
        with pytest.raises(errors.CheckViolation, match="sum to zero"):
            owner.execute(posting(entries=(debit,), deltas=(wrong,)))


def test_a_transaction_may_have_deltas_alone_if_they_are_all_of_it(ledger: Small, owner: psycopg.Connection) -> None:
    debit, credit = (ledger.hers, "EUR", "debit", 5), (ledger.his, "EUR", "credit", 5)
    owner.execute(posting(deltas=(debit, credit)))
    for wrong in ((debit,), (debit, (ledger.his, "EUR", "credit", 4)), (debit, (ledger.his, "USD", "credit", 5)), ()):
        with pytest.raises(errors.CheckViolation):
            owner.execute(posting(deltas=wrong, sides=2))


@pytest.mark.parametrize("sides", [3, 5])
def test_it_has_as_many_entries_as_it_says(ledger: Small, owner: psycopg.Connection, sides: int) -> None:
    debit, credit = (ledger.hers, "EUR", "debit", 5), (ledger.his, "EUR", "credit", 5)
    with pytest.raises(errors.CheckViolation, match=f"posted with {sides} entries: there cannot be 2"):
        owner.execute(posting(entries=(debit, credit), sides=sides))
    with pytest.raises(errors.CheckViolation):
        owner.execute(posting(deltas=(debit, credit), sides=sides))
    with pytest.raises(errors.CheckViolation, match="ck_side_count"):
        owner.execute(posting(entries=(debit,), sides=1))


def test_nothing_is_added_to_it_later(ledger: Small, owner: psycopg.Connection) -> None:
    other = str(request(ledger.books, "open_account", BOB, "EUR", "")["account_id"])
    third = str(request(ledger.books, "open_account", ADA, "EUR", "")["account_id"])
    pair = f"('{ledger.transfers[0]}', '{other}', 'EUR', 'debit', 5), ('{ledger.transfers[0]}', '{third}', 'EUR', 'credit', 5)"
    with pytest.raises(errors.CheckViolation, match="already has its entries"):
        owner.execute(
            f"INSERT INTO money.deltas (transaction_id, account_id, currency, side, amount) VALUES {pair}".encode()
        )
    with owner.transaction(force_rollback=True):
        made = owner.execute(
            posting(deltas=((ledger.hers, "EUR", "debit", 5), (ledger.his, "EUR", "credit", 5)), sides=2)
        ).fetchone()
        assert made
        later = pair.replace(ledger.transfers[0], str(made[0]))
        with pytest.raises(errors.CheckViolation, match="already has its entries"):
            owner.execute(
                f"INSERT INTO money.deltas (transaction_id, account_id, currency, side, amount) VALUES {later}".encode()
            )


def test_an_entry_needs_a_transaction(ledger: Small, owner: psycopg.Connection) -> None:
    lone = "SELECT uuidv7(), '{}'::uuid, 'EUR', 'debit'::money.side, 5"
    columns = "transaction_id, account_id, currency, side, amount"
    with pytest.raises(errors.CheckViolation, match="no transaction"):
        owner.execute(
            f"INSERT INTO money.entries ({columns}, account_version, balance_after, booked_at)"
            f" {lone.format(ledger.hers)}, 1000, 0, now()".encode()
        )
    with pytest.raises(errors.CheckViolation, match="already has its entries"):
        owner.execute(f"INSERT INTO money.deltas ({columns}) {lone.format(ledger.hers)}".encode())


def test_a_delta_leaves_only_as_an_entry(ledger: Small, owner: psycopg.Connection) -> None:
    owner.execute(posting(entries=((ledger.hers, "EUR", "debit", 5),), deltas=((ledger.his, "EUR", "credit", 5),)))
    with pytest.raises(errors.CheckViolation, match="posted with 2 entries: there cannot be 1"):
        owner.execute("DELETE FROM money.deltas")
    for change in ("UPDATE money.deltas SET amount = 6", "TRUNCATE money.deltas"):
        with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
            owner.execute(change.encode())


@pytest.mark.parametrize(
    "change",
    [
        *[
            f"DELETE FROM money.{table}"
            for table in ("transactions", "entries", "seals", "hold_resolutions", "actions")
        ],
        *[
            f"DELETE FROM money.{table}"
            for table in ("holds", "returns", "adjustments", "accounts", "idempotency_keys")
        ],
        "UPDATE money.entries SET amount = 1",
        "UPDATE money.transactions SET kind = 'refund'",
        "UPDATE money.transactions SET description = 'x'",
        "UPDATE money.transactions SET posted_at = now(), description = ''",
        "UPDATE money.seals SET hash = ''",
        "UPDATE money.hold_resolutions SET amount = 1",
        "UPDATE money.actions SET reason = ''",
        "TRUNCATE money.outbox",
        "TRUNCATE money.entries",
        "TRUNCATE money.seals",
        "TRUNCATE money.transactions CASCADE",
        "TRUNCATE money.accounts CASCADE",
    ],
)
def test_what_is_written_stays(ledger: Small, owner: psycopg.Connection, change: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
        owner.execute(change.encode())


def test_the_words_of_somebody_who_is_erased_go_and_nothing_else(ledger: Small, owner: psycopg.Connection) -> None:
    with owner.transaction():
        owner.execute("SET LOCAL artel.erasing = 'on'")
        owner.execute("UPDATE money.transactions SET description = '' WHERE created_by = %s", [ADA])
        for change in ("description = 'x'", "description = '', sides = 3", "description = '', created_by = uuidv7()"):
            with pytest.raises(errors.InsufficientPrivilege, match="append-only"), owner.transaction():
                owner.execute(f"UPDATE money.transactions SET {change}".encode())
    assert ledger.violations() == []


def test_a_hold_is_resolved_once_by_hand_too(ledger: Small, owner: psycopg.Connection) -> None:
    order = (ledger.hers, ledger.his, 5, "EUR", "", "2100-01-01T00:00:00Z")
    hold = str(request(ledger.books, "hold", ADA, *order)["hold_id"])
    request(ledger.books, "void", BOB, hold, False)
    with pytest.raises(errors.UniqueViolation, match="pk_hold_resolutions"):
        owner.execute("INSERT INTO money.hold_resolutions (hold_id, kind) VALUES (%s, 'expired')", [hold])
    for wrong in ("(%s, 'captured', 5, NULL)", "(%s, 'voided', 5, NULL)", "(%s, 'captured', 0, uuidv7())"):
        with pytest.raises(errors.CheckViolation, match="ck_hold_resolutions_captured"):
            owner.execute(
                f"INSERT INTO money.hold_resolutions (hold_id, kind, amount, transaction_id) VALUES {wrong}".encode(),
                [hold],
            )


def test_refunds_above_the_original_are_refused_by_hand_too(ledger: Small, owner: psycopg.Connection) -> None:
    for amount in ("returned + 1", "0", "-1"):
        with pytest.raises(errors.CheckViolation, match="ck_returns_returned"):
            owner.execute(f"UPDATE money.returns SET returned = {amount}".encode())
    with pytest.raises(errors.UniqueViolation, match="pk_returns"):
        owner.execute(
            "INSERT INTO money.returns (original_id, amount, returned) VALUES (%s, 50, 1)", [ledger.transfers[0]]
        )


def test_a_transaction_is_reversed_once_by_hand_too(ledger: Small, owner: psycopg.Connection) -> None:
    request(ledger.books, "reverse", BOB, ledger.transfers[1], "", False)
    again = posting(entries=((ledger.his, "EUR", "debit", 50), (ledger.hers, "EUR", "credit", 50))).decode()
    again = again.replace("created_by, sides)", "created_by, sides, original_id)").replace(
        "'transfer', '', uuidv7(), 2)", f"'reversal', '', uuidv7(), 2, '{ledger.transfers[1]}')"
    )
    with pytest.raises(errors.UniqueViolation, match="uq_transactions_original_id_kind"):
        owner.execute(again.encode())


def test_one_person_cannot_decide_about_their_own_adjustment_by_hand_either(
    ledger: Small, owner: psycopg.Connection
) -> None:
    request(ledger.books, "propose_adjustment", ADA, ledger.hers, 5, "EUR", "a reason")
    with pytest.raises(errors.CheckViolation, match="ck_adjustments_two_people"):
        owner.execute("UPDATE money.adjustments SET decided_by = proposed_by, decided_at = now()")


@pytest.mark.parametrize(
    ("damage", "invariant"),
    [
        ("UPDATE money.accounts SET debits = debits + 1 WHERE id = '{hers}'", "I9 trial balance"),
        ("UPDATE money.accounts SET debits = debits + 1, credits = credits + 1 WHERE id = '{hers}'", "I9 counters"),
        ("UPDATE money.accounts SET version = version + 1 WHERE id = '{hers}'", "I9 counters"),
        (
            "UPDATE money.entries SET balance_after = 7 WHERE account_id = '{hers}' AND account_version = 2",
            "I4 history",
        ),
        (
            "UPDATE money.entries SET account_version = 9 WHERE account_id = '{hers}' AND account_version = 2",
            "I4 history",
        ),
        (
            "UPDATE money.entries SET booked_at = 'infinity' WHERE account_id = '{hers}' AND account_version = 2",
            "I4 history",
        ),
        ("UPDATE money.entries SET amount = 51 WHERE transaction_id = '{sent}' AND side = 'debit'", "I1 transaction"),
        ("DELETE FROM money.entries WHERE transaction_id = '{sent}'", "I1 transaction"),
        ("DELETE FROM money.transactions WHERE id = '{sent}'", "I1 entry"),
        ("UPDATE money.accounts SET held = 6 WHERE id = '{hers}'", "I3 holds"),
        ("UPDATE money.holds SET resolved = true", "I6 hold"),
        ("INSERT INTO money.hold_resolutions (hold_id, kind) SELECT id, 'voided' FROM money.holds", "I6 hold"),
        ("UPDATE money.returns SET returned = 49", "I7 returns"),
        ("UPDATE money.returns SET reversed = true", "I7 returns"),
        ("DELETE FROM money.idempotency_keys", "nothing is wrong with keys that are gone"),
        ("UPDATE money.idempotency_keys SET transaction_id = uuidv7() WHERE outcome IS NULL", "I8 key"),
        ("DELETE FROM money.outbox", "I10 seals"),
    ],
)
def test_the_check_of_the_books_finds_what_was_damaged(ledger: Small, damage: str, invariant: str) -> None:
    order = (ledger.hers, ledger.his, 5, "EUR", "", "2100-01-01T00:00:00Z")
    request(ledger.books, "hold", ADA, *order)
    assert ledger.violations() == []
    ledger.damage(damage.format(hers=ledger.hers, sent=ledger.transfers[1]))
    found = {each for each, _ in ledger.violations()}
    assert invariant in found or (invariant.startswith("nothing") and not found)
