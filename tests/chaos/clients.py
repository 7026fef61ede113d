"""People who want things done and do not give up: each request is sent with its key until it has an answer."""

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from tests.bench.money import Bank, Payer


@dataclass(frozen=True)
class Answer:
    """What was acknowledged: the request, and what the server said it had done."""

    payer: Payer
    path: str
    key: str
    order: dict[str, Any]
    status: int
    body: dict[str, Any]


@dataclass
class Crowd:
    """`urls` are of servers that come and go."""

    bank: Bank
    urls: list[str]
    chance: random.Random
    answers: list[Answer] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    holds: list[tuple[Payer, str]] = field(default_factory=list)
    sent: list[tuple[Payer, str]] = field(default_factory=list)

    async def work(self, keep_on: Callable[[], bool], people: int) -> None:
        async with httpx.AsyncClient(timeout=20) as client, asyncio.TaskGroup() as group:
            for _ in range(people):
                group.create_task(self._one(client, keep_on))

    async def _one(self, client: httpx.AsyncClient, keep_on: Callable[[], bool]) -> None:
        while keep_on():
            await self.ask(client, *self._wish())

    async def ask(self, client: httpx.AsyncClient, payer: Payer, path: str, order: dict[str, Any]) -> None:
        """The same request again and again, to whichever server, until one says what became of it."""
        key = secrets.token_hex(12)
        headers = {"Authorization": f"Bearer {payer.token}", "Idempotency-Key": key}
        while True:
            url = self.chance.choice(self.urls)
            try:
                answer = await client.post(f"{url}/v1/money/{path}", json=order, headers=headers)
            except httpx.TransportError:
                self.counts["no answer"] += 1
            else:
                if answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
                    raise AssertionError(f"{path} {order}: {answer.text}")  # a mistake of ours, which no retry mends
                settled = answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR
                if settled and answer.json().get("code") != "RequestInProgress":
                    self.counts[f"{answer.status_code}"] += 1
                    self.counts["replayed"] += "idempotent-replayed" in answer.headers
                    self._remember(Answer(payer, path, key, order, answer.status_code, answer.json()))
                    return
                self.counts[f"{answer.status_code}, sent again"] += 1
            await asyncio.sleep(self.chance.uniform(0.02, 0.3))

    def _remember(self, answer: Answer) -> None:
        self.answers.append(answer)
        if answer.status == httpx.codes.CREATED and answer.path == "holds":
            self.holds.append((answer.payer, str(answer.body["id"])))
        if answer.status == httpx.codes.CREATED and answer.path == "transfers":
            self.sent.append((answer.payer, str(answer.body["id"])))

    def _transfer(self) -> tuple[Payer, UUID, UUID]:
        payer = self.chance.choice(self.bank.payers)
        source = self.chance.choice(payer.accounts)
        others = [a for other in self.bank.payers for a in other.accounts if a != source]
        return payer, source, self.bank.hot if self.chance.random() < 0.2 else self.chance.choice(others)

    def _wish(self) -> tuple[Payer, str, dict[str, Any]]:
        payer, source, target = self._transfer()
        order: dict[str, Any] = {
            "from_account_id": str(source),
            "to_account_id": str(target),
            "amount": self.chance.randint(1, 500),
            "currency": "EUR",
        }
        match self.chance.choices(("transfer", "batch", "hold", "capture", "refund"), (50, 10, 15, 15, 10))[0]:
            case "batch":
                return payer, "transfers/batch", {"transfers": [order] * 3, "atomic": self.chance.random() < 0.5}
            case "hold":
                wanted = {"account_id": str(source), "payee_account_id": str(target)}
                return payer, "holds", {**wanted, "amount": order["amount"], "currency": "EUR"}
            case "capture" if self.holds:
                owner, hold = self.holds.pop(self.chance.randrange(len(self.holds)))
                return owner, f"holds/{hold}/capture", {}
            case "refund" if self.sent:
                # By its sender, who may not: refused, and refused again.
                owner, transfer = self.chance.choice(self.sent)
                return owner, f"transfers/{transfer}/refunds", {"amount": 1}
        return payer, "transfers", order
