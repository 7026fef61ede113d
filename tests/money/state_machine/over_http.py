"""The machine over HTTP: what the routes answer, and what each person then sees of their accounts."""

import asyncio
from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.money.model import sending
from tests.money.state_machine.asking import PLACE
from tests.money.state_machine.http_rules import HttpMoving, HttpOverseeing
from tests.people import Person

STEPS_AT_ONCE = 40


class OverHttp(HttpMoving, HttpOverseeing):
    @initialize()
    def begin(self) -> None:
        for who, amount in (("Ada", 400), ("Bob", 50), ("Eve", 0), ("Ada", 100)):
            account = sending.open_account(self.ledger, who, "EUR")
            account.id = self.request(who, "POST", "accounts", {"currency": "EUR"}).json()["id"]
            if amount:
                sending.arrive(self.ledger, who, account, amount, "EUR")
                order = {"account_id": account.id, "amount": amount, "currency": "EUR"}
                assert self.request(who, "POST", "deposits", order).status_code == 201
        self.configure(1, 150, None)
        self.configure(2, None, True)
        for payer, payee, amount in ((0, 1, 60), (3, 2, 20)):
            self.hold((payer, payee, amount, "owner", True))

    @precondition(lambda self: self.history)
    @rule(back=PLACE)
    def come_again(self, back: int) -> None:
        who, path, body, key, first = self.history[-1 - back % len(self.history)]
        again = self.request(who, "POST", path, body, key)
        assert again.headers["idempotent-replayed"] == "true"
        assert again.status_code == first.status_code
        for name in ("id", "code", "transfer_id", "results"):
            assert again.json().get(name) == first.json().get(name)

    @precondition(lambda self: len(self.history) > 1)
    @rule(back=PLACE, other=PLACE)
    def with_another_body(self, back: int, other: int) -> None:
        (who, path, body, *_), old = (self.history[-1 - n % len(self.history)] for n in (back, other))
        if (path, body) != old[1:3] and who == old[0]:
            assert self.request(who, "POST", path, body, old[3]).json()["code"] == "IdempotencyKeyReused"

    @invariant()
    def each_sees_what_the_model_has(self) -> None:
        self.seen["", "step"] += 1
        for who in {account.owner for account in self.ledger.accounts if account.owner}:
            shown = {line["id"]: line for line in self.request(who, "GET", "accounts").json()["items"]}
            for account in self.ledger.accounts:
                if account.owner == who:
                    line = shown[account.id]
                    seen = (line["balance"], line["held"], line["available"], line["overdraft"], line["status"])
                    held, available = self.ledger.held(account), self.ledger.available(account)
                    assert seen == (account.balance, held, available, account.overdraft, account.status)


def run(
    people: dict[str, Person], loop: asyncio.AbstractEventLoop, *, steps: int, number: int
) -> Counter[tuple[str, str]]:
    """In another thread than the loop's. Returns what was done how often."""
    seen: Counter[tuple[str, str]] = Counter()
    machine = type("Machine", (OverHttp,), {"people": people, "loop": loop, "seen": seen})
    options = settings(
        max_examples=max(steps // STEPS_AT_ONCE, 1),
        stateful_step_count=STEPS_AT_ONCE,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    run_state_machine_as_test(seed(number)(machine), settings=options)
    return seen
