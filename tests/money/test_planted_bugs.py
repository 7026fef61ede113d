"""The state machine would see it: each of these mistakes, put into one function of the ledger, makes it fail.

Some take thousands of steps to be seen; `PLANTED=all python -m pytest tests/money/test_planted_bugs.py` plants them too.
"""

import os
from collections.abc import Iterator

import psycopg
import pytest

from tests.money.state_machine.books import Books
from tests.money.state_machine.machine import run

STEPS = 12_000
"""Most are seen within a few hundred."""
RARE = {
    "one person is enough for an adjustment",
    "an overdraft is taken away while it is used",
    "an expired hold still holds",
    "a hot account is closed with money on the way",
    "what is promised can be promised again",
    "what is frozen can be promised",
    "a limit is one too low",
}

_FUNDS = "balance - s_held[at] + p_releases[l] + s_overdrafts[at] < p_amounts[l]"
PLANTED = {
    "what is held can be spent": ("post", _FUNDS, "balance + s_overdrafts[at] < p_amounts[l]"),
    "what is held can be spent the usual way": ("transfer", "- a.held + a.overdraft", "+ a.overdraft"),
    "what is promised can be promised again": ("place_hold", "- source.held +", "+"),
    "an expired hold still holds": ("post", "s_held[at] - money.expire_holds(s_ids[at])", "s_held[at]"),
    "a fold loses a delta": (
        "fold",
        "FROM taken WINDOW w AS (ORDER BY transaction_id)",
        "FROM taken WINDOW w AS (ORDER BY transaction_id) OFFSET 1",
    ),
    "a fold counts one delta less": (
        "fold",
        "FROM taken\n    )\n    UPDATE",
        "FROM (SELECT * FROM taken OFFSET 1) AS t\n    )\n    UPDATE",
    ),
    "a fold counts one side only": ("fold", "credits = a.credits + t.credits,", ""),
    "a refund has no limit": ("refund", "rest = 0 OR p_amount > rest", "false"),
    "a reversal can be done again": ("reverse", "WHEN already.reversed THEN 'AlreadyReversed'", "WHEN false THEN ''"),
    "a reversal keeps the fee": (
        "reverse",
        "WHERE s.transaction_id = original.original_id",
        "WHERE s.transaction_id = original.original_id AND a.owner_id IS NOT NULL",
    ),
    "a leg forgets its version": ("post", "s_versions[at] := s_versions[at] + 1;", ""),
    "the second of a batch sees the balance before the first": (
        "post",
        "s_debits[at] := s_debits[at] + p_amounts[l];",
        "s_debits[at] := p_amounts[l];",
    ),
    "a batch is posted though one is refused": (
        "post",
        "OR p_together AND cardinality(posted) < cardinality(p_ids)",
        "",
    ),
    "a trial is posted": ("post", "IF p_dry OR", "IF"),
    "what is frozen can be sent": ("post", "s_statuses[at] = 'frozen' AND p_owners[l] IS NOT NULL", "false"),
    "what is frozen can be promised": ("place_hold", "WHEN source.status = 'frozen' THEN 'AccountFrozen'", ""),
    "a hot account is closed with money on the way": (
        "lock_alone",
        "RETURN money.fold(p_account)",
        """
        RETURN (SELECT a FROM money.accounts AS a WHERE id = p_account)""",
    ),
    "the rest of a capture stays held": ("resolve_hold", "ARRAY[promise.amount, 0]", "ARRAY[p_amount, 0]"),
    "a void frees nothing": ("resolve_hold", "held - promise.amount", "held"),
    "a payer takes back a promise": ("void", "NOT p_any AND promise.payee <> p_principal", "false"),
    "a fee is rounded down": ("fee", "ceil(", "floor("),
    "a fee comes out of what is sent": ("post_transfers", "o.amount + o.fee, o.principal", "o.amount, o.principal"),
    "a limit is one too low": ("spend", "s.amount <= allowed.per_day", "s.amount < allowed.per_day"),
    "what was refused stays counted as sent": ("post_transfers", "PERFORM money.unspend", "PERFORM money.spend"),
    "a refusal is forgotten": ("claim", "coalesce(stored.outcome, '{}')", "'{}'"),
    "a key may be used for something else": ("claim", "stored.fingerprint <> p_fingerprint", "false"),
    "one person is enough for an adjustment": (
        "decide_adjustment",
        "WHEN proposal.proposed_by = p_principal THEN 'SecondPersonNeeded'",
        "",
    ),
    "an overdraft is taken away while it is used": ("configure", "+ p_overdraft < 0", "+ p_overdraft < -1000000"),
    "a transaction is never sealed": (
        "publish",
        "SELECT array_agg(transaction_id)",
        """
        SELECT (array_agg(transaction_id ORDER BY transaction_id))[2:]""",
    ),
}


@pytest.fixture
def source(books: Books) -> Iterator[psycopg.Connection[dict[str, str]]]:
    """To change functions with, which are what they were afterwards."""
    before = _definitions(books)
    yield books.superuser
    for definition in before:
        books.superuser.execute(definition)


def _definitions(books: Books, name: str = "%") -> list[str]:
    rows = books.superuser.execute(
        "SELECT pg_get_functiondef(oid) AS it FROM pg_proc WHERE pronamespace = 'money'::regnamespace"
        " AND prokind = 'f' AND proname LIKE %s",
        [name],
    )
    return [row["it"] for row in rows]


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    "mistake", [each for each in PLANTED if each not in RARE or os.environ.get("PLANTED") == "all"]
)
def test_the_machine_sees_that(books: Books, mistake: str) -> None:
    function, right, wrong = PLANTED[mistake]
    planted = [text.replace(right, wrong) for text in _definitions(books, function) if right in text]
    assert planted, "the function is another one now: plant it anew"
    for text in planted:
        books.superuser.execute(text)
    with pytest.raises((AssertionError, psycopg.Error)):
        run(books, steps=STEPS, number=1, shrink=False)
