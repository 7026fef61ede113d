"""Rules: what people and administrators ask of the routes."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.money.model import administering, returning, sending
from tests.money.model.state import Hold, Refused, Transaction
from tests.money.state_machine.asking import AMOUNT, PLACE, Amount, at_the_edge, outcome
from tests.money.state_machine.http_asking import ORDER, WHO, HttpAsking


class HttpMoving(HttpAsking):
    @rule(drawn=ORDER, dry=st.sampled_from([False, False, True]))
    def transfer(self, drawn: Any, dry: bool) -> None:
        order, body = self.order(drawn)
        if not dry:
            self.ask(order.who, "transfers", body, lambda: sending.transfer(self.ledger, order))
            return
        predicted = outcome(lambda: sending.attempt(self.ledger, order))
        tried = self.request(order.who, "POST", "transfers", {**body, "dry_run": True})
        assert tried.json().get("code") == (str(predicted) if isinstance(predicted, Refused) else None)

    @rule(drawn=st.lists(ORDER, min_size=1, max_size=4), together=st.booleans())
    def batch(self, drawn: Any, together: bool) -> None:
        given = [self.order(each) for each in drawn]
        who = given[0][0].who
        orders = [sending.Order(who, o.payer, o.payee, o.amount, o.currency) for o, _ in given]
        predicted = sending.transfers(self.ledger, orders, together=together)
        order = {"atomic": together, "transfers": [body for _, body in given]}
        self.ask(who, "transfers/batch", order, lambda: None)
        for made, told in zip(predicted, self.history[-1][4].json()["results"], strict=True):
            assert told["refused"] == (str(made) if isinstance(made, Refused) else None)
            assert (told["transfer_id"] is not None) == isinstance(made, Transaction)
            if isinstance(made, Transaction):
                made.id = told["transfer_id"]

    @rule(drawn=ORDER)
    def hold(self, drawn: Any) -> None:
        order, body = self.order(drawn)
        promise = {"account_id": order.payer.id, "payee_account_id": order.payee.id}
        given = promise | {name: body[name] for name in ("amount", "currency")}

        def predict() -> Hold:
            return returning.hold(self.ledger, order.who, order.payer, order.payee, order.amount, order.currency)

        self.ask(order.who, "holds", given, predict)

    @precondition(lambda self: self.ledger.holds)
    @rule(back=PLACE, wanted=st.none() | AMOUNT, name=st.sampled_from(["payee", "payee", "payer", "Eve"]))
    def capture(self, back: int, wanted: Amount | None, name: str) -> None:
        found = self.ledger.holds[-1 - back % min(3, len(self.ledger.holds))]
        who = {"payee": found.payee.owner, "payer": found.payer.owner}.get(name, name) or ""
        amount = None if wanted is None else at_the_edge(wanted, found.amount, found.amount)
        predict = lambda: returning.capture(self.ledger, who, found, amount)  # noqa: E731
        self.ask(who, f"holds/{found.id}/capture", {"amount": amount}, predict)

    @precondition(lambda self: self.ledger.holds)
    @rule(back=PLACE, name=st.sampled_from(["payee", "payee", "payer", "Eve"]))
    def void(self, back: int, name: str) -> None:
        found = self.ledger.holds[-1 - back % min(3, len(self.ledger.holds))]
        who = {"payee": found.payee.owner, "payer": found.payer.owner}.get(name, name) or ""
        predict = lambda: returning.void(self.ledger, who, found, administrator=False)  # noqa: E731
        self.ask(who, f"holds/{found.id}/void", None, predict)

    def _recent(self, back: int) -> Transaction | None:
        able = [posted for posted in self.ledger.transactions if posted.kind in ("transfer", "capture")]
        return able[-1 - back % min(6, len(able))] if able else None

    @rule(back=PLACE, wanted=st.none() | AMOUNT, name=WHO)
    def refund(self, back: int, wanted: Amount | None, name: str) -> None:
        if (original := self._recent(back)) is None or original.payee is None:
            return
        who = (original.payee.owner or "") if name == "owner" else name
        rest = original.amount - returning.given_back(self.ledger, original)[0]
        amount = None if wanted is None else at_the_edge(wanted, rest, rest // 2)
        predict = lambda: returning.refund(self.ledger, who, original, amount)  # noqa: E731
        self.ask(who, f"transfers/{original.id}/refunds", {"amount": amount}, predict)

    @rule(back=PLACE, name=WHO, administrator=st.booleans())
    def reverse(self, back: int, name: str, administrator: bool) -> None:
        if (original := self._recent(back)) is None or original.payee is None:
            return
        who = "Root" if administrator else (original.payee.owner or "") if name == "owner" else name
        path, body = (f"admin/transfers/{original.id}/reverse", {"reason": "A test"}) if administrator else (
            f"transfers/{original.id}/reverse", {}
        )  # fmt: skip
        predict = lambda: returning.reverse(self.ledger, who, original, administrator=administrator)  # noqa: E731
        self.ask(who, path, body, predict)

    # What is there twice is done twice as often.
    transfer_too, hold_too, capture_too, void_too, refund_too = transfer, hold, capture, void, refund


class HttpOverseeing(HttpAsking):
    @rule(place=PLACE, what=st.sampled_from(["freeze", "unfreeze", "unfreeze", "close"]))
    def set_status(self, place: int, what: str) -> None:
        account = self.account(place)
        status = {"freeze": "frozen", "unfreeze": "open", "close": "closed"}[what]
        predicted = outcome(lambda: administering.set_status(self.ledger, None, account, status))
        path = f"admin/accounts/{account.id}/{what}"
        self.agree(path, predicted, self.request("Root", "POST", path, {"reason": "A test"}))

    @rule(place=PLACE, name=WHO)
    def close_own(self, place: int, name: str) -> None:
        account = self.account(place)
        who = (account.owner or "") if name == "owner" else name
        predicted = outcome(lambda: administering.set_status(self.ledger, who, account, "closed"))
        path = f"accounts/{account.id}/close"
        self.agree(path, predicted, self.request(who, "POST", path))

    @rule(place=PLACE, overdraft=st.sampled_from([None, 0, 150]), hot=st.sampled_from([None, True, False]))
    def configure(self, place: int, overdraft: int | None, hot: bool | None) -> None:
        account = self.account(place)
        predicted = outcome(lambda: administering.configure(self.ledger, account, overdraft, hot))
        change = {"overdraft": overdraft, "hot": hot, "reason": "A test"}
        answer = self.request("Root", "PATCH", f"admin/accounts/{account.id}", change)
        self.agree("configure", predicted, answer)

    @rule(place=PLACE, wanted=AMOUNT, up=st.booleans(), who=st.sampled_from(["Root", "Boss"]))
    def propose(self, place: int, wanted: Amount, up: bool, who: str) -> None:
        account = self.account(place)
        size = at_the_edge(wanted, max(account.balance, 1), 50)
        amount = size if up else -size
        body = {"account_id": account.id, "amount": amount, "currency": "EUR", "reason": "A test"}
        predict = lambda: administering.propose(self.ledger, who, account, amount, "EUR")  # noqa: E731
        self.ask(who, "admin/adjustments", body, predict)

    @precondition(lambda self: self.ledger.adjustments)
    @rule(who=st.sampled_from(["Root", "Boss"]), what=st.sampled_from(["approve", "approve", "reject"]))
    def decide(self, who: str, what: str) -> None:
        found = self.ledger.adjustments[-1]
        predict = lambda: administering.decide(self.ledger, who, found, approve=what == "approve")  # noqa: E731
        self.ask(who, f"admin/adjustments/{found.id}/{what}", None, predict)
