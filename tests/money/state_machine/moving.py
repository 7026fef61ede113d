"""Rules: money comes, is sent one by one and many at once, and is given back."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.money.model import returning, sending
from tests.money.model.state import MOST, Refused, Transaction
from tests.money.state_machine import checks
from tests.money.state_machine.asking import (
    AMOUNT,
    MOST_ACCOUNTS,
    ORDER,
    PLACE,
    RIGHT,
    WHO,
    Amount,
    Asking,
    at_the_edge,
    outcome,
)
from tests.money.state_machine.books import Answer, Request


def _args(order: sending.Order) -> tuple[Any, ...]:
    return order.payer.id, order.payee.id, order.amount, order.currency, "words"


class Moving(Asking):
    @precondition(lambda self: len(self.ledger.accounts) < MOST_ACCOUNTS)
    @rule(who=st.sampled_from(["Ada", "Bob", "Eve"]), currency=st.sampled_from(["EUR", "EUR", "USD", "ZZZ"]))
    def open_account(self, who: str, currency: str) -> None:
        self.ask("open_account", who, (currency, ""), lambda: sending.open_account(self.ledger, who, currency))

    @rule(place=PLACE, wanted=AMOUNT, name=WHO, right=RIGHT)
    def arrive(self, place: int, wanted: Amount, name: str, right: bool) -> None:
        account = self.account(place)
        who, currency = self.who(name, account), account.currency if right else "USD"
        room = MOST - account.balance
        amount = at_the_edge(wanted, room, 100)
        predict = lambda: sending.arrive(self.ledger, who, account, amount, currency)  # noqa: E731
        self.ask("arrive", who, (account.id, amount, currency), predict)

    @rule(drawn=ORDER)
    def transfer(self, drawn: Any) -> None:
        order = self.order(drawn)
        made = self.ask("transfer", order.who, _args(order), lambda: sending.transfer(self.ledger, order))
        if isinstance(made, Transaction):
            answer = self.history[-1][1]
            assert (answer["fee"], answer["balance_after"]) == (made.fee, order.payer.balance)

    @rule(
        drawn=st.lists(st.tuples(ORDER, st.sampled_from(["new"] * 5 + ["twin", "same key"])), min_size=2, max_size=12)
    )
    def gathered(self, drawn: Any) -> None:
        """Several requests in one call; a twin of an earlier one among them, and one that has only the key of it."""
        orders: list[sending.Order] = []
        requests: list[Request] = []
        first: list[int] = []
        for each, how in drawn:
            order = self.order(each)
            if how == "new" or not requests:
                request = Request(
                    "transfer", self._id(order), f"gathered {len(self.history)} {len(requests)}", _args(order)
                )
                orders.append(order)
                first.append(len(requests))
            else:
                old = requests[-1]
                args = old.args if how == "twin" else _args(order)
                request = Request("transfer", old.principal, old.key, args)
            requests.append(request)
        predicted = sending.transfers(self.ledger, orders)
        answers = self.books.transfers(requests)
        for n, made in zip(first, predicted, strict=True):
            assert not answers[n]["replayed"]
            self.agree("transfers", made, answers[n])
        self._twins(requests, answers, first)
        self.history += [(requests[n], answers[n]) for n in first]

    def _id(self, order: sending.Order) -> Any:
        return self.new_request("", order.who).principal

    def _twins(self, requests: list[Request], answers: list[Answer], first: list[int]) -> None:
        for n, (request, answer) in enumerate(zip(requests, answers, strict=True)):
            if n in first:
                original, got = request, answer
            elif request.fingerprint == original.fingerprint:
                checks.same_answer(answer, got)
            else:
                assert answer["refused"] == "IdempotencyKeyReused"

    @rule(drawn=st.lists(ORDER, min_size=1, max_size=5), together=st.booleans())
    def batch(self, drawn: Any, together: bool) -> None:
        given = [self.order(each) for each in drawn]
        who = given[0].who
        mine = [account for account in self.ledger.accounts if account.owner == who] or [given[0].payer]
        orders = [
            sending.Order(who, o.payer if o.who == who else mine[n % len(mine)], o.payee, o.amount, o.currency)
            for n, o in enumerate(given)
        ]
        columns = tuple(list(column) for column in zip(*(_args(order) for order in orders), strict=True))
        predicted = sending.transfers(self.ledger, orders, together=together)
        self.ask("transfer_batch", who, (*columns, together), lambda: None)
        items = self.history[-1][1]["items"]
        for made, item in zip(predicted, items, strict=True):
            if made is None:
                assert item == {}
            else:
                self.agree("transfer_batch", made, item)

    @rule(drawn=ORDER)
    def attempt(self, drawn: Any) -> None:
        order = self.order(drawn)
        predicted = outcome(lambda: sending.attempt(self.ledger, order))
        tried = self.books.row("try_transfer", self._id(order), *_args(order)[:-1])
        self.agree("try_transfer", predicted, tried)
        assert isinstance(predicted, Refused) or tried["fee"] == predicted

    @precondition(lambda self: self.ledger.transactions)
    @rule(back=PLACE, who=WHO, wanted=st.none() | AMOUNT)
    def refund(self, back: int, who: str, wanted: Amount | None) -> None:
        original = self._recent(back)
        payee = self.who(who, original.payee or original.legs[-1].account)
        rest = original.amount - returning.given_back(self.ledger, original)[0]
        amount = None if wanted is None else at_the_edge(wanted, rest, rest // 2)
        predict = lambda: returning.refund(self.ledger, payee, original, amount)  # noqa: E731
        self.ask("refund", payee, (original.id, amount, "words"), predict)

    @precondition(lambda self: self.ledger.transactions)
    @rule(back=PLACE, who=WHO, administrator=st.booleans())
    def reverse(self, back: int, who: str, administrator: bool) -> None:
        original = self._recent(back)
        by = "Root" if administrator else self.who(who, original.payee or original.legs[-1].account)
        predict = lambda: returning.reverse(self.ledger, by, original, administrator=administrator)  # noqa: E731
        self.ask("reverse", by, (original.id, "words", administrator), predict)

    def _recent(self, back: int) -> Transaction:
        """Mostly one that can be given back."""
        recent = self.ledger.transactions[-12:]
        pool = [posted for posted in recent if posted.kind in ("transfer", "capture")] * 3 + recent
        return pool[back % len(pool)]

    # What is there twice is done twice as often.
    arrive_too, transfer_too, gathered_too, batch_too = arrive, transfer, gathered, batch
    refund_too, reverse_too = refund, reverse
