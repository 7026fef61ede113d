"""What must be so after every step."""

from typing import Any
from uuid import UUID

from tests.money.model.state import Ledger, Transaction
from tests.money.state_machine.books import Answer, Books

_STATE = """SELECT
    (SELECT coalesce(json_agg(v), '[]') FROM money.violations() AS v) AS violations,
    (SELECT coalesce(json_object_agg(id, json_build_array(balance, really_held, overdraft, status, hot, code)), '{}')
        FROM money.standing) AS accounts,
    (SELECT coalesce(json_agg(json_build_array(owner_id, currency, amount)), '[]')
        FROM money.spent WHERE amount > 0 AND day = (clock_timestamp() AT TIME ZONE 'UTC')::date) AS spent,
    (SELECT count(*) FROM money.transactions) AS transactions,
    (SELECT coalesce(json_object_agg(h.id, coalesce(r.kind, CASE WHEN expires_at <= clock_timestamp() THEN 'expired' ELSE 'held' END)), '{}')
        FROM money.holds AS h LEFT JOIN money.hold_resolutions AS r ON r.hold_id = h.id) AS holds"""
_EVENTS = """SELECT owner_id, count(*) FROM money.events
    WHERE type LIKE '%%.sent' OR type LIKE '%%.received' GROUP BY owner_id"""


def everything(books: Books, ledger: Ledger, people: dict[str, UUID]) -> None:
    """I1 to I10, and every account, limit and hold as the model has it."""
    (state,) = books.rows(_STATE)
    assert state["violations"] == []
    _accounts(state["accounts"], ledger)
    wanted = {(str(people[who]), currency, amount) for (who, currency), amount in ledger.spent.items() if amount}
    assert {tuple(line) for line in state["spent"]} == wanted
    assert state["transactions"] == len(ledger.transactions)
    assert state["holds"] == {hold.id: hold.status for hold in ledger.holds}


def _accounts(found: dict[str, list[Any]], ledger: Ledger) -> None:
    for account in ledger.accounts:
        wanted = [account.balance, ledger.held(account), account.overdraft, account.status, account.hot, None]
        assert found.pop(account.id) == wanted, f"account {ledger.accounts.index(account)}"
    own = {code: balance for balance, *_, code in found.values() if balance}
    assert own == {code: account.balance for code, account in ledger.own.items() if account.balance}


def same_answer(again: Answer, first: Answer) -> None:
    """What a retry is told. Of a transfer that was refused nothing else matters."""
    assert again["replayed"]
    if first.get("refused"):
        assert again["refused"] == first["refused"]
    else:
        assert again == first | {"replayed": True}


def legs(books: Books, posted: Transaction) -> None:
    """The journal says of it what the model says."""
    rows = books.rows(
        "SELECT s.account_id, a.code, s.side, s.amount FROM money.sides AS s JOIN money.accounts AS a"
        " ON a.id = s.account_id WHERE s.transaction_id = %s",
        posted.id,
    )
    found = {
        (row["code"] or str(row["account_id"])): row["amount"] * (-1 if row["side"] == "debit" else 1) for row in rows
    }
    assert found == {leg.account.code or leg.account.id: leg.amount for leg in posted.legs}


def sealed(books: Books, ledger: Ledger, people: dict[str, UUID]) -> None:
    """The chain holds, has every published transaction once, and each person's side of it was told once."""
    check = books.row("verify_seals", 1, 100_000)
    assert check["wrong"] is None
    assert check["checked_to"] == sum(posted.sealed for posted in ledger.transactions)
    told: dict[str, int] = {}
    for posted in ledger.transactions:
        for leg in posted.legs:
            if posted.sealed and leg.account.owner is not None:
                told[str(people[leg.account.owner])] = told.get(str(people[leg.account.owner]), 0) + 1
    assert {str(row["owner_id"]): row["count"] for row in books.rows(_EVENTS)} == told
    _counted(books)


def _counted(books: Books) -> None:
    """The sums by day are the ledger's, wherever they have come to."""
    books.superuser.execute("SELECT analytics.roll_up(40)")
    assert books.superuser.execute("SELECT * FROM analytics.money_differences").fetchall() == []
