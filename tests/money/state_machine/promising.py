"""Rules: money is held, captured, let go of; time passes."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.money.model import returning
from tests.money.model.state import Hold
from tests.money.state_machine.asking import AMOUNT, ORDER, PLACE, WHO, Amount, Asking, at_the_edge

LATER = datetime.now(UTC) + timedelta(days=30)


class Promising(Asking):
    @rule(drawn=ORDER)
    def hold(self, drawn: tuple[int, int, Amount, str, bool]) -> None:
        order = self.order(drawn)
        args = (order.payer.id, order.payee.id, order.amount, order.currency, "words", LATER)

        def predict() -> Hold:
            return returning.hold(self.ledger, order.who, order.payer, order.payee, order.amount, order.currency)

        self.ask("hold", order.who, args, predict)

    def _held(self, back: int) -> Hold:
        """Mostly one that is still held."""
        held = [hold for hold in self.ledger.holds if hold.status == "held"]
        pool = held * 3 + self.ledger.holds
        return pool[back % len(pool)]

    @precondition(lambda self: self.ledger.holds)
    @rule(back=PLACE, wanted=st.none() | AMOUNT, name=WHO)
    def capture(self, back: int, wanted: Amount | None, name: str) -> None:
        found = self._held(back)
        by = self.who(name, found.payee)
        amount = None if wanted is None else at_the_edge(wanted, found.amount, found.amount)
        self.ask("capture", by, (found.id, amount), lambda: returning.capture(self.ledger, by, found, amount))

    @precondition(lambda self: self.ledger.holds)
    @rule(back=PLACE, name=st.sampled_from(["payee", "payee", "payer", "Eve", "Root"]))
    def void(self, back: int, name: str) -> None:
        found = self._held(back)
        by = {"payee": found.payee.owner, "payer": found.payer.owner}.get(name, name) or "Eve"
        predict = lambda: returning.void(self.ledger, by, found, administrator=by == "Root")  # noqa: E731
        self.ask("void", by, (found.id, by == "Root"), predict)

    @precondition(lambda self: any(hold.status == "held" for hold in self.ledger.holds))
    @rule(back=PLACE)
    def let_expire(self, back: int) -> None:
        held = [hold for hold in self.ledger.holds if hold.status == "held"]
        chosen = held[back % len(held)]
        chosen.status = "expired"
        self.books.let_expire(chosen.id)

    @rule()
    def sweep(self) -> None:
        self.books.value("sweep_holds")

    hold_too, capture_too = hold, capture
