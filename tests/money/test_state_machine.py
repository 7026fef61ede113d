"""Thousands of operations of all kinds against a model of the ledger: see state_machine/ and model/.

`make fuzz` (python -m tests.money.fuzz) does any number of them from any seed.
"""

import asyncio

from tests.money.administrators import administrator
from tests.money.state_machine import over_http
from tests.money.state_machine.books import Books
from tests.money.state_machine.machine import run
from tests.people import People

STEPS, HTTP_STEPS, SEED = 12_000, 1500, 20
FUNCTIONS = (
    "transfer transfers transfer_batch try_transfer arrive refund reverse hold capture void decide_adjustment set_status"
    " close_own configure propose_adjustment open_account"
)
CODES = (
    "done again AccountNotFound AccountFrozen AccountNotEmpty AdjustmentDecided AlreadyRefunded AlreadyReversed"
    " BalanceTooLarge CaptureTooLarge CurrencyMismatch HoldExpired HoldResolved InsufficientFunds LimitExceeded"
    " RecipientNotFound RefundTooLarge SameAccount SecondPersonNeeded TransferNotFound UnknownCurrency"
)


def test_the_ledger_does_what_a_model_of_it_does(books: Books) -> None:
    seen = run(books, steps=STEPS, number=SEED)
    assert seen["", "step"] > STEPS / 2
    # And it was no small talk.
    assert [function for function in FUNCTIONS.split() if seen[function, "done"] < 3] == []
    assert len(set(CODES.split()) - {what for _, what in seen}) < 5


async def test_the_routes_do_what_the_model_does(people: People) -> None:
    """In a thread of its own, since Hypothesis waits for each answer."""
    persons = {name: await people.person(name) for name in ("Ada", "Bob", "Eve")}
    persons |= {name: await administrator(people, name) for name in ("Root", "Boss")}
    loop = asyncio.get_running_loop()
    seen = await asyncio.to_thread(over_http.run, persons, loop, steps=HTTP_STEPS, number=SEED)
    assert seen["", "step"] > HTTP_STEPS / 2
    # How much of it depends on which modules are there: Hypothesis draws constants out of them too.
    done = {what for what, outcome in seen if outcome == "done"}
    assert done >= {"transfers", "batch", "holds", "capture"}
