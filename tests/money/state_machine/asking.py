"""What all rules share: choosing whom and what, asking the ledger and the model, comparing what they say."""

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.money.model import sending
from tests.money.model.state import MOST, Account, Adjustment, Hold, Ledger, Refused, Transaction
from tests.money.state_machine import checks
from tests.money.state_machine.books import Answer, Books, Request

PEOPLE = {name: UUID(int=n) for n, name in enumerate(("Ada", "Bob", "Eve", "Root", "Boss"), start=1)}
ROOT, BOSS = PEOPLE["Root"], PEOPLE["Boss"]
NOWHERE = Account(None, "EUR", id=str(UUID(int=404)))
MOST_ACCOUNTS = 8

PLACE = st.one_of(st.integers(0, 3), st.integers(0, 23))
"""The first few accounts see the most of it: what two operations do to each other shows only where they meet."""
_SMALL = st.integers(1, 120)
_EDGE = st.sampled_from(["all", "all", "more", "more", "limit", "over"])
"""All that there is for it, or that the daily limit lets pass; and one more than that."""
AMOUNT = st.one_of(*[_SMALL] * 4, *[_EDGE] * 3, st.sampled_from([1, 500, 2**40 + 1, 2**52, 2**53 - 1]))
type Amount = int | str
WHO = st.sampled_from(["owner"] * 12 + ["Ada", "Bob", "Eve"])
RIGHT = st.sampled_from([True] * 14 + [False])
ORDER = st.tuples(PLACE, PLACE, AMOUNT, WHO, RIGHT)


class Asking(RuleBasedStateMachine):
    books: ClassVar[Books]
    seen: ClassVar[Counter[tuple[str, str]]]
    """How often each function did what: by its name and the code of its refusal, or "done"."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.history: list[tuple[Request, Answer]] = []

    def account(self, place: int) -> Account:
        """Now and then it is one of Artel's own, or none at all."""
        own = [account for account in self.ledger.own.values() if account.id]
        pool = [*self.ledger.accounts * 2, NOWHERE, *own[:1]]
        return pool[place % len(pool)]

    def who(self, who: str, account: Account) -> str:
        return (account.owner or "Ada") if who == "owner" else who

    def order(self, drawn: tuple[int, int, Amount, str, bool]) -> sending.Order:
        place, other, wanted, name, right = drawn
        payer, payee = self.account(place), self.account(other)
        # Mostly two of one currency, or hardly anything would ever be moved.
        if right and (payer.currency != payee.currency or (payer is payee and other % 8)):
            payee = next((a for a in self.ledger.accounts if a.currency == payer.currency and a is not payer), payee)
        who, currency = self.who(name, payer), payer.currency if right else "USD"
        there = 0 if payer.overdraft is None else self.ledger.available(payer)
        limit = self.ledger.limits.get((who, currency)) or self.ledger.limits.get((None, currency)) or ("", None, None)
        left = there if limit[2] is None else limit[2] - self.ledger.spent.get((who, currency), 0)
        return sending.Order(who, payer, payee, at_the_edge(wanted, there, left), currency)

    def new_request(self, function: str, who: str, *args: Any) -> Request:
        return Request(function, PEOPLE[who], f"key {len(self.history)}", args)

    def ask(self, function: str, who: str, args: tuple[Any, ...], predict: Callable[[], Any]) -> Any:
        """What the model says it came to, when the ledger says so too."""
        request = self.new_request(function, who, *args)
        predicted = outcome(predict)
        answer = self.books.request(request)
        self.history.append((request, answer))
        assert not answer.get("replayed")
        self.agree(function, predicted, answer)
        return predicted

    def agree(self, function: str, predicted: Any, answer: Answer) -> None:
        wanted = str(predicted) if isinstance(predicted, Refused) else None
        self.seen[function, wanted or "done"] += 1
        assert answer.get("refused") == wanted, f"{answer.get('refused')} and not {wanted}"
        match predicted:
            case Transaction():
                predicted.id = str(answer["transaction_id"])
                checks.legs(self.books, predicted)
            case Account():
                predicted.id = answer["account_id"]
            case Hold():
                predicted.id = answer["hold_id"]
            case Adjustment():
                predicted.id = answer["adjustment_id"]

    def say(self, function: str, predict: Callable[[], Any], refused: str | None) -> None:
        """For what needs no key and answers only what refused it."""
        self.agree(function, outcome(predict), {"refused": refused})


def at_the_edge(wanted: Amount, there: int, left: int) -> int:
    edges = {"all": there, "more": there + 1, "limit": left, "over": left + 1}
    return min(max(edges[wanted], 1), MOST) if isinstance(wanted, str) else wanted


def outcome(predict: Callable[[], Any]) -> Any:
    try:
        return predict()
    except Refused as refused:
        return refused
