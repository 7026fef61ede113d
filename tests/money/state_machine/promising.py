"""Rules: money is held, captured, let go of; time passes."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.money.model import returning
from tests.money.model.state import Hold
from tests.money.state_machine.asking import AMOUNT, ORDER, PLACE, WHO, Asking

LATER = datetime.now(UTC) + timedelta(days=30)


class Promising(Asking):
    @rule(drawn=ORDER)
    def hold(self, drawn: tuple[int, int, int, str, bool]) -> None:
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
    @rule(back=PLACE, amount=st.none() | AMOUNT, who=WHO)
    def capture(self, back: int, amount: int | None, who: str) -> None:
        found = self._held(back)
        by = self.who(who, found.payee)
        self.ask("capture", by, (found.id, amount), lambda: returning.capture(self.ledger, by, found, amount))

    @precondition(lambda self: self.ledger.holds)
    @rule(back=PLACE, who=WHO, administrator=st.sampled_from([False, False, True]))
    def void(self, back: int, who: str, administrator: bool) -> None:
        found = self._held(back)
        by = "Root" if administrator else self.who(who, found.payee)
        predict = lambda: returning.void(self.ledger, by, found, administrator=administrator)  # noqa: E731
        self.ask("void", by, (found.id, administrator), predict)

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
