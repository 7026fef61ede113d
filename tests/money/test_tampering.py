"""Whoever alters the past, with whatever rights, is found out: the verifier names what was altered."""

import pytest

from money import upkeep
from tests.money.damage import Small, small
from tests.money.parties import Sql
from tests.money.state_machine.books import Books
from tests.people import Person


@pytest.fixture
def ledger(books: Books) -> Small:
    made = small(books)
    made.seal()
    return made


def test_a_chain_that_nobody_touched_is_right(ledger: Small) -> None:
    check = ledger.check()
    assert (check["wrong"], check["checked_to"]) == (None, 5)
    assert ledger.seal()["sealed"] == 0
    assert ledger.violations() == []


@pytest.mark.parametrize(
    "change",
    [
        "amount = amount + 1",
        "side = 'credit'",
        "currency = 'USD'",
        "account_id = uuidv7()",
    ],
)
def test_an_altered_entry_is_named(ledger: Small, change: str) -> None:
    second = ledger.transfers[1]
    ledger.damage(
        f"UPDATE money.entries SET {change} WHERE transaction_id = %s AND account_id = %s", second, ledger.hers
    )
    check = ledger.check()
    # What was moved to another account is missing there and too much here; both belong to the same transaction.
    assert str(check["transaction_id"]) == second
    assert second in check["wrong"]
    assert str(check["account_id"]) in check["wrong"]
    if not change.startswith("account_id"):
        assert str(check["account_id"]) == ledger.hers
        assert check["wrong"] == f"the entry of account {ledger.hers} in transaction {second} was altered"
    assert check["checked_to"] == 3


def test_a_deleted_entry_is_named(ledger: Small) -> None:
    ledger.damage(
        "DELETE FROM money.entries WHERE transaction_id = %s AND account_id = %s", ledger.transfers[1], ledger.his
    )
    wrong = f"the entry of account {ledger.his} in transaction {ledger.transfers[1]} was deleted"
    assert ledger.check()["wrong"] == wrong
    assert ("I1 transaction", f"transaction {ledger.transfers[1]}") in ledger.violations()


def test_an_added_entry_is_named(ledger: Small) -> None:
    ledger.damage(
        "INSERT INTO money.entries SELECT uuidv7(), 1, transaction_id, currency, side, 5, 5, booked_at FROM money.entries"
        " WHERE transaction_id = %s AND account_id = %s",
        ledger.transfers[1],
        ledger.his,
    )
    check = ledger.check()
    account = check["account_id"]
    assert check["wrong"] == f"an entry of account {account} was added to transaction {ledger.transfers[1]}"


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'adjustment'",
        "created_by = uuidv7()",
        "posted_at = posted_at - interval '1 microsecond'",
        "original_id = uuidv7()",
        "sides = 3",
    ],
)
def test_an_altered_transaction_is_named(ledger: Small, change: str) -> None:
    ledger.damage(f"UPDATE money.transactions SET {change} WHERE id = %s", ledger.transfers[1])
    check = ledger.check()
    assert check["wrong"] == f"transaction {ledger.transfers[1]} or its seal was altered"
    assert (str(check["transaction_id"]), check["checked_to"]) == (ledger.transfers[1], 3)


def test_a_deleted_transaction_is_named(ledger: Small) -> None:
    ledger.damage("DELETE FROM money.entries WHERE transaction_id = %s", ledger.transfers[1])
    ledger.damage("DELETE FROM money.transactions WHERE id = %s", ledger.transfers[1])
    assert ledger.check()["wrong"] == f"transaction {ledger.transfers[1]} was deleted"


def test_words_may_go(ledger: Small) -> None:
    """An erased person's descriptions do."""
    ledger.damage("UPDATE money.transactions SET description = ''")
    assert ledger.check()["wrong"] is None


@pytest.mark.parametrize(
    ("damage", "wrong"),
    [
        ("UPDATE money.seals SET hash = sha256('x') WHERE position = 3", "transaction {} or its seal was altered"),
        ("UPDATE money.seals SET digests = digests[2:] || digests[:1] WHERE position = 3", "the entry of account"),
        ("DELETE FROM money.seals WHERE position = 3", "seal 3 is missing"),
        ("DELETE FROM money.seals WHERE position = 1", "seal 1 is missing"),
        ("UPDATE money.seals SET position = 100 WHERE position = 3", "seal 3 is missing"),
    ],
)
def test_an_altered_or_missing_seal_is_found(ledger: Small, damage: str, wrong: str) -> None:
    ledger.damage(damage)
    assert str(ledger.check()["wrong"]).startswith(wrong.format(ledger.transfers[1]))


def test_two_seals_that_changed_places_are_found(ledger: Small) -> None:
    for position, other in ((2, 200), (3, 2), (200, 3)):
        ledger.damage("UPDATE money.seals SET position = %s WHERE position = %s", other, position)
    assert ledger.check()["wrong"]


def test_a_deleted_end_is_known_from_an_older_head_and_from_nothing_else(ledger: Small) -> None:
    before = ledger.check()
    last = ledger.books.rows("SELECT transaction_id FROM money.seals ORDER BY position DESC LIMIT 1")[0][
        "transaction_id"
    ]
    for table in ("entries", "deltas", "seals", "returns"):
        column = "original_id" if table == "returns" else "transaction_id"
        ledger.damage(f"DELETE FROM money.{table} WHERE {column} = %s", last)
    ledger.damage("DELETE FROM money.transactions WHERE id = %s", last)
    after = ledger.check()
    assert after["wrong"] is None
    assert (after["checked_to"], after["head"]) != (before["checked_to"], before["head"])
    # Asked from where the older head was, the chain is seen not to reach so far.
    assert ledger.check(before["checked_to"] + 1)["wrong"] == f"seal {before['checked_to']} is missing"


def test_a_past_that_was_made_anew_is_known_from_an_older_head(ledger: Small) -> None:
    """Somebody with every right alters an amount, and then all the seals after it."""
    before = ledger.check()
    ledger.damage("UPDATE money.entries SET amount = 51 WHERE transaction_id = %s", ledger.transfers[1])
    ledger.damage("INSERT INTO money.outbox SELECT transaction_id FROM money.seals")
    ledger.damage("DELETE FROM money.seals")
    ledger.seal()
    after = ledger.check()
    assert (after["wrong"], after["checked_to"]) == (None, before["checked_to"])
    assert after["head"] != before["head"]


def test_looking_goes_on_from_where_it_stopped(ledger: Small) -> None:
    first = ledger.books.row("verify_seals", 1, 2)
    assert (first["checked_to"], first["wrong"]) == (2, None)
    rest = ledger.books.row("verify_seals", 3, 1000)
    assert (rest["checked_to"], rest["head"]) == (5, ledger.check()["head"])


async def test_over_http_the_end_of_the_chain_is_told_and_what_is_wrong(
    ada: Person, bob: Person, boss: Person, sql: Sql
) -> None:
    await ada.account(5)
    await upkeep.publish()
    read = (await boss.get("/v1/money/admin/seals/verify")).json()
    assert (read["ok"], read["complete"], read["problem"]) == (True, True, None)
    assert len(read["hash"]) == 64
    rest = (await boss.get("/v1/money/admin/seals/verify", params={"from": read["checked_to"]})).json()
    assert (rest["ok"], rest["hash"]) == (True, read["hash"])
    beyond = (await boss.get("/v1/money/admin/seals/verify", params={"from": read["checked_to"] + 2})).json()
    assert (beyond["ok"], beyond["problem"]) == (False, f"seal {read['checked_to'] + 1} is missing")
