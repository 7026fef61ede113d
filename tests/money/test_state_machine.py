"""Thousands of operations of all kinds against a model of the ledger: see state_machine/ and model/.

`make fuzz` (python -m tests.money.fuzz) does any number of them from any seed.
"""

from tests.money.state_machine.books import Books
from tests.money.state_machine.machine import run

STEPS, SEED = 6000, 20
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
