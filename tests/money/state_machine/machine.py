"""All that the ledger can be asked, in any order, against a model of it; after every step everything is compared."""

import sys
from collections import Counter
from functools import partial

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import initialize, invariant, run_state_machine_as_test

from tests.money.model import sending
from tests.money.state_machine import checks
from tests.money.state_machine.asking import PEOPLE
from tests.money.state_machine.books import Books
from tests.money.state_machine.moving import Moving
from tests.money.state_machine.overseeing import Overseeing
from tests.money.state_machine.promising import Promising

STEPS_AT_ONCE = 60
"""Then the ledger begins anew."""


_AT_FIRST = (("Ada", "EUR", 400), ("Bob", "EUR", 50), ("Eve", "EUR", 0), ("Ada", "EUR", 100), ("Bob", "USD", 300))
"""Of the first one 60 are promised to the second, which may go below zero; the third is hot and has nothing yet."""


class Machine(Moving, Promising, Overseeing):
    @initialize()
    def begin(self) -> None:
        self.books.begin_anew()
        for who, currency, amount in _AT_FIRST:
            account = self.ask(
                "open_account", who, (currency, ""), partial(sending.open_account, self.ledger, who, currency)
            )
            if amount:
                predict = partial(sending.arrive, self.ledger, who, account, amount, currency)
                self.ask("arrive", who, (account.id, amount, currency), predict)
        overdrawn, hot = self.ledger.accounts[1:3]
        self.configured(overdrawn, 150, None)
        self.configured(hot, None, True)
        self.hold((0, 1, 60, "owner", True))

    @invariant()
    def as_the_model_has_it(self) -> None:
        self.seen["", "step"] += 1
        checks.everything(self.books, self.ledger, PEOPLE)

    def teardown(self) -> None:
        if sys.exception() is None:
            self.publish(most=1000)


def run(books: Books, *, steps: int, number: int, shrink: bool = True) -> Counter[tuple[str, str]]:
    """Somewhat fewer steps than so many, made from the seed `number`: the same ones each time. Returns what was done how often.

    Raises what the shortest failing ones raise, with the command that does them again.
    """
    seen: Counter[tuple[str, str]] = Counter()
    machine = type("Machine", (Machine,), {"books": books, "seen": seen})
    options = settings(
        max_examples=max(steps // STEPS_AT_ONCE, 1),
        stateful_step_count=STEPS_AT_ONCE,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    try:
        run_state_machine_as_test(seed(number)(machine), settings=options)
    except Exception as error:
        error.add_note(f"Again: python -m tests.money.fuzz --steps {steps} --seed {number}")
        raise
    return seen
