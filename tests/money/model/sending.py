"""Money that comes, and transfers, their fees and limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from tests.money.model.state import MOST, Account, Ledger, Leg, Refused, Transaction, refuse_if


def open_account(ledger: Ledger, who: str, currency: str) -> Account:
    refuse_if(currency == "ZZZ", "UnknownCurrency")
    made = Account(who, currency)
    ledger.accounts.append(made)
    return made


def arrive(ledger: Ledger, who: str, account: Account, amount: int, currency: str) -> Transaction:
    """Money comes from outside."""
    refuse_if(account.owner != who, "AccountNotFound")
    refuse_if(account.status == "closed", "AccountClosed")
    refuse_if(account.currency != currency, "CurrencyMismatch")
    return ledger.post(
        "deposit", [Leg(account, amount, who), Leg(ledger.artels("clearing:outside", currency), -amount)]
    )


@dataclass(frozen=True)
class Order:
    who: str
    payer: Account
    payee: Account
    amount: int
    currency: str


def fee(ledger: Ledger, operation: str, currency: str, amount: int) -> int:
    if (operation, currency) not in ledger.fee_rules:
        return 0
    _, flat, rate, minimum, maximum = ledger.fee_rules[operation, currency]
    wanted = max(flat + ceil(amount * Fraction(rate)), minimum)
    return min(wanted, MOST if maximum is None else maximum)


def spend(ledger: Ledger, who: str, currency: str, amount: int) -> bool:
    """Counts it, if there is a daily limit, and says whether it did. Who has no limit of their own has everybody's."""
    limit = ledger.limits.get((who, currency)) or ledger.limits.get((None, currency))
    if limit is None:
        return False
    _, per_operation, per_day = limit
    already = ledger.spent.get((who, currency), 0)
    refuse_if(per_operation is not None and amount > per_operation, "LimitExceeded")
    if per_day is None:
        return False
    refuse_if(amount > per_day or already + amount > per_day, "LimitExceeded")
    ledger.spent[who, currency] = already + amount
    return True


def _transfer(ledger: Ledger, order: Order) -> Transaction:
    payer, payee = order.payer, order.payee
    taken = fee(ledger, "transfer", order.currency, order.amount)
    refuse_if(payer.owner != order.who, "AccountNotFound")
    debit = Leg(payer, -(order.amount + taken), order.who)
    refuse_if(payer.status == "closed", "AccountClosed")
    refuse_if(payer.currency != order.currency, "CurrencyMismatch")
    ledger.check(debit)
    refuse_if(payee.owner is None or payee.status == "closed", "RecipientNotFound")
    refuse_if(payee.currency != order.currency, "CurrencyMismatch")
    legs = [debit, Leg(payee, order.amount)]
    if taken:
        legs.append(Leg(ledger.artels("fees", order.currency), taken))
    return ledger.post("transfer", legs, payer=payer, payee=payee, amount=order.amount)


def transfers(ledger: Ledger, orders: Sequence[Order], *, together: bool = False) -> list[Transaction | Refused | None]:
    """Of each: what was posted, what refused it, or None when others are why it was let be.

    Limits are counted for all of them before any is posted, and what is not posted is counted back.
    """
    counted: list[bool | Refused] = []
    for order in orders:
        try:
            counted.append(spend(ledger, order.who, order.currency, order.amount))
        except Refused as refused:
            counted.append(refused)
    outcomes: list[Transaction | Refused | None] = []
    for order, allowed in zip(orders, counted, strict=True):
        try:
            outcomes.append(allowed if isinstance(allowed, Refused) else _transfer(ledger, order))
        except Refused as refused:
            outcomes.append(refused)
    if together and any(isinstance(outcome, Refused) for outcome in outcomes):
        for n in reversed(range(len(outcomes))):
            if isinstance(outcome := outcomes[n], Transaction):
                ledger.take_back(outcome)
                outcomes[n] = None
    for order, was_counted, outcome in zip(orders, counted, outcomes, strict=True):
        if was_counted is True and not isinstance(outcome, Transaction):
            ledger.spent[order.who, order.currency] -= order.amount
    return outcomes


def transfer(ledger: Ledger, order: Order) -> Transaction:
    (outcome,) = transfers(ledger, [order])
    if isinstance(outcome, Refused):
        raise outcome
    assert outcome is not None
    return outcome


def attempt(ledger: Ledger, order: Order) -> int:
    """The fee, or what would refuse it; nothing is changed."""
    before = dict(ledger.spent)
    try:
        posted = transfer(ledger, order)
        ledger.take_back(posted)
        return posted.fee
    finally:
        ledger.spent = before
