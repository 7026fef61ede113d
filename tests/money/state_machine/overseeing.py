"""Rules: what administrators do, what the schedule does, and requests that come again."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.money.model import administering
from tests.money.model.state import Account
from tests.money.state_machine import checks
from tests.money.state_machine.asking import AMOUNT, BOSS, PEOPLE, PLACE, RIGHT, ROOT, WHO, Amount, Asking, at_the_edge
from tests.money.state_machine.books import Request

CURRENCY = st.sampled_from(["EUR", "EUR", "USD"])
STATUS = st.sampled_from(["frozen", "open", "open", "closed"])
_RATES = st.sampled_from(["0", "0.000001", "0.015", "0.333333", "0.999999"])
_SIZES = st.sampled_from([0, 1, 7, 50])
_LIMITS = st.sampled_from([None, None, 50, 250, 600])


class Overseeing(Asking):
    @rule(place=PLACE, status=STATUS)
    def set_status(self, place: int, status: str) -> None:
        account = self.account(place)
        refused = self.books.value("set_status", ROOT, None, account.id, status, "a reason")
        self.say("set_status", lambda: administering.set_status(self.ledger, None, account, status), refused)

    @rule(place=PLACE, who=WHO)
    def close_own(self, place: int, who: str) -> None:
        """Half the time one that is empty, or that may look so."""
        open_ = [account for account in self.ledger.accounts if account.status != "closed"]
        likely = [account for account in open_ if account.hot or not account.balance]
        account = likely[place % len(likely)] if likely and place % 2 else self.account(place)
        owner = self.who(who, account)
        refused = self.books.value("set_status", PEOPLE[owner], PEOPLE[owner], account.id, "closed", "")
        self.say("close_own", lambda: administering.set_status(self.ledger, owner, account, "closed"), refused)

    @rule(
        place=PLACE,
        overdraft=st.sampled_from([None, None, 0, 100, 2**53 - 1]),
        hot=st.sampled_from([None, True, True, False]),
    )
    def configure(self, place: int, overdraft: int | None, hot: bool | None) -> None:
        overdrawn = [account for account in self.ledger.accounts if account.balance < 0]
        account = overdrawn[place % len(overdrawn)] if overdrawn and place % 2 else self.account(place)
        self.configured(account, overdraft, hot)

    def configured(self, account: Account, overdraft: int | None, hot: bool | None) -> None:
        refused = self.books.value("configure", BOSS, account.id, overdraft, hot, "a reason")
        self.say("configure", lambda: administering.configure(self.ledger, account, overdraft, hot), refused)

    @rule(operation=st.sampled_from(["transfer", "transfer", "capture"]), currency=CURRENCY, flat=_SIZES, rate=_RATES,
          minimum=_SIZES, more=st.none() | _SIZES)  # fmt: skip
    def set_fee_rule(self, operation: str, currency: str, flat: int, rate: str, minimum: int, more: int | None) -> None:
        maximum = None if more is None else minimum + more
        args = (ROOT, operation, currency, flat, rate, minimum, maximum, "a reason")
        made = self.books.value("set_fee_rule", *args)
        self.ledger.fee_rules[operation, currency] = (str(made), flat, rate, minimum, maximum)

    @precondition(lambda self: self.ledger.fee_rules)
    @rule(place=PLACE)
    def end_fee_rule(self, place: int) -> None:
        which = sorted(self.ledger.fee_rules)[place % len(self.ledger.fee_rules)]
        made, *_ = self.ledger.fee_rules.pop(which)
        assert self.books.value("end_fee_rule", ROOT, made, "a reason") is True
        assert self.books.value("end_fee_rule", ROOT, made, "a reason") is False

    @rule(who=st.sampled_from([None, "Ada", "Bob"]), currency=CURRENCY, per_operation=_LIMITS, per_day=_LIMITS)
    def set_limit(self, who: str | None, currency: str, per_operation: int | None, per_day: int | None) -> None:
        args = (ROOT, PEOPLE[who] if who else None, currency, per_operation, per_day, "a reason")
        made = self.books.value("set_limit", *args)
        self.ledger.limits[who, currency] = (str(made), per_operation, per_day)

    @precondition(lambda self: self.ledger.limits)
    @rule(place=PLACE)
    def remove_limit(self, place: int) -> None:
        which = list(self.ledger.limits)[place % len(self.ledger.limits)]
        made, *_ = self.ledger.limits.pop(which)
        assert self.books.value("remove_limit", ROOT, made, "a reason") is True

    @rule(place=PLACE, wanted=AMOUNT, up=st.booleans(), who=st.sampled_from(["Root", "Boss"]), right=RIGHT)
    def propose(self, place: int, wanted: Amount, up: bool, who: str, right: bool) -> None:
        pool = [*self.ledger.accounts, *(own for own in self.ledger.own.values() if own.id)]
        account = pool[place % len(pool)]
        size = at_the_edge(wanted, account.balance, 50)
        currency, amount = account.currency if right else "JPY", size if up else -size
        predict = lambda: administering.propose(self.ledger, who, account, amount, currency)  # noqa: E731
        self.ask("propose_adjustment", who, (account.id, amount, currency, "a reason"), predict)

    @precondition(lambda self: self.ledger.adjustments)
    @rule(back=PLACE, two=RIGHT, approve=st.sampled_from([True, True, False]))
    def decide(self, back: int, two: bool, approve: bool) -> None:
        found = self.ledger.adjustments[-1 - back % min(len(self.ledger.adjustments), 4)]
        who = "Root" if (found.proposed_by == "Root") != two else "Boss"
        predict = lambda: administering.decide(self.ledger, who, found, approve=approve)  # noqa: E731
        if self.ask("decide_adjustment", who, (found.id, approve), predict) is found and approve:
            (row,) = self.books.rows("SELECT transaction_id FROM money.adjustments WHERE id = %s", found.id)
            self.ledger.transactions[-1].id = str(row["transaction_id"])
            checks.legs(self.books, self.ledger.transactions[-1])

    @rule(place=PLACE, everything=st.booleans())
    def fold(self, place: int, everything: bool) -> None:
        if everything:
            self.books.value("fold_all")
        else:
            self.books.value("fold_hot", self.account(place).id)

    @rule(most=st.sampled_from([1, 3, 1000]))
    def publish(self, most: int) -> None:
        waiting = sum(not posted.sealed for posted in self.ledger.transactions)
        assert self.books.row("publish", most)["sealed"] == min(most, waiting)
        found = {str(row["transaction_id"]) for row in self.books.rows("SELECT transaction_id FROM money.seals")}
        for posted in self.ledger.transactions:
            posted.sealed = posted.id in found
        checks.sealed(self.books, self.ledger, PEOPLE)

    @precondition(lambda self: self.history)
    @rule(back=PLACE)
    def come_again(self, back: int) -> None:
        """A retry: the first answer, and nothing moves."""
        request, answer = self._old(back)
        if request.function == "transfer" and back % 2:
            (again,) = self.books.transfers([request])
        else:
            again = self.books.request(request)
        self.seen[request.function, "again"] += 1
        checks.same_answer(again, answer)

    @precondition(lambda self: len(self.history) > 1)
    @rule(back=PLACE, other=PLACE)
    def with_another_body(self, back: int, other: int) -> None:
        """An old key, for something else."""
        (old, _), (body, _) = self._old(back), self._old(other)
        if old.fingerprint == body.fingerprint:
            return
        request = Request(body.function, old.principal, old.key, body.args)
        assert self.books.request(request).get("refused") == "IdempotencyKeyReused"

    def _old(self, back: int) -> tuple[Request, Any]:
        return self.history[-1 - (back * 5) % len(self.history)]

    decide_too = decide
