"""The same model against the routes: choosing, asking, comparing what they answer.

Fees and limits are everybody's, and left to the machine that has a database of its own.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from httpx import Response
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.money.model import sending
from tests.money.model.state import Account, Adjustment, Hold, Ledger, Refused, Transaction
from tests.money.state_machine.asking import AMOUNT, PLACE, RIGHT, Amount, at_the_edge, outcome
from tests.people import Person

WHO = st.sampled_from(["owner"] * 8 + ["Ada", "Bob", "Eve"])
ORDER = st.tuples(PLACE, PLACE, AMOUNT, WHO, RIGHT)
_MONEY = "/v1/money"
_DONE = {"transfers": 201, "batch": 201, "holds": 201, "refunds": 201, "reverse": 201, "adjustments": 201}

type Sent = tuple[str, str, Any, str, Response]
"""Who posted what where, under which key, and the answer."""


class HttpAsking(RuleBasedStateMachine):
    people: ClassVar[dict[str, Person]]
    loop: ClassVar[asyncio.AbstractEventLoop]
    seen: ClassVar[Counter[tuple[str, str]]]

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.history: list[Sent] = []
        self.name = secrets.token_hex(8)

    def request(self, who: str, method: str, path: str, body: Any = None, key: str | None = None) -> Response:
        person = self.people[who]
        headers = person.key(key) if method == "POST" else person.auth
        asked = person.client.request(method, f"{_MONEY}/{path}", json=body, headers=headers)
        return asyncio.run_coroutine_threadsafe(asked, self.loop).result(60)

    def ask(self, who: str, path: str, body: Any, predict: Callable[[], Any]) -> Any:
        key = f"{self.name} {len(self.history)}"
        predicted = outcome(predict)
        answer = self.request(who, "POST", path, body, key)
        self.history.append((who, path, body, key, answer))
        self.agree(path, predicted, answer)
        return predicted

    def agree(self, path: str, predicted: Any, answer: Response) -> None:
        told, what = answer.json(), path.rsplit("/", 1)[-1]
        wanted = str(predicted) if isinstance(predicted, Refused) else None
        self.seen[what, wanted or "done"] += 1
        assert told.get("code") == wanted, f"{told} and not {wanted}"
        if wanted is None:
            assert answer.status_code == _DONE.get(what, 200), told
        match predicted:
            case Transaction(kind="capture"):
                predicted.id = told["transfer_id"]
            case Transaction() | Hold() | Adjustment():
                predicted.id = told["id"]

    def account(self, place: int) -> Account:
        return self.ledger.accounts[place % len(self.ledger.accounts)]

    def order(self, drawn: tuple[int, int, Amount, str, bool]) -> tuple[sending.Order, dict[str, Any]]:
        place, other, wanted, name, right = drawn
        payer, payee = self.account(place), self.account(other)
        there = self.ledger.available(payer)
        who, currency = (payer.owner or "" if name == "owner" else name), "EUR" if right else "USD"
        made = sending.Order(who, payer, payee, at_the_edge(wanted, there, there), currency)
        return made, {
            "amount": made.amount,
            "currency": currency,
            "from_account_id": payer.id,
            "to_account_id": payee.id,
        }
