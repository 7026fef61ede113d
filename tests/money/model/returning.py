"""Holds, refunds, reversals."""

from tests.money.model.sending import fee, spend
from tests.money.model.state import Account, Hold, Ledger, Leg, Transaction, refuse_if


def hold(ledger: Ledger, who: str, payer: Account, payee: Account, amount: int, currency: str) -> Hold:
    """Counts as sent from the moment it is promised."""
    refuse_if(payee.owner is None, "RecipientNotFound")
    before = dict(ledger.spent)
    spend(ledger, who, currency, amount)
    counted, ledger.spent = ledger.spent, before
    refuse_if(payer.owner != who, "AccountNotFound")
    refuse_if(payee.status == "closed", "RecipientNotFound")
    refuse_if(payer is payee, "SameAccount")
    refuse_if(currency != payer.currency or payee.currency != currency, "CurrencyMismatch")
    refuse_if(payer.status == "closed", "AccountClosed")
    refuse_if(payer.status == "frozen", "AccountFrozen")
    refuse_if(ledger.available(payer) < amount, "InsufficientFunds")
    ledger.spent = counted
    made = Hold(payer, payee, amount)
    ledger.holds.append(made)
    return made


def _still_held(found: Hold) -> None:
    refuse_if(found.status == "expired", "HoldExpired")
    refuse_if(found.status != "held", "HoldResolved")


def capture(ledger: Ledger, who: str, found: Hold, amount: int | None) -> Transaction:
    """The payee takes it, or the payer gives it; the fee comes out of it, but leaves something. The rest is free again."""
    refuse_if(who not in (found.payer.owner, found.payee.owner), "HoldNotFound")
    _still_held(found)
    amount = found.amount if amount is None else amount
    refuse_if(amount > found.amount, "CaptureTooLarge")
    taken = min(fee(ledger, "capture", found.payer.currency, amount), amount - 1)
    legs = [
        Leg(found.payer, -amount, found.payer.owner, releases=found.amount),
        Leg(found.payee, amount - taken),
    ]
    if taken:
        legs.append(Leg(ledger.artels("fees", found.payer.currency), taken))
    posted = ledger.post("capture", legs, payer=found.payer, payee=found.payee, amount=amount - taken)
    found.status = "captured"
    return posted


def void(ledger: Ledger, who: str, found: Hold, *, administrator: bool) -> Hold:
    if not administrator:
        refuse_if(who not in (found.payer.owner, found.payee.owner), "HoldNotFound")
        refuse_if(who != found.payee.owner, "OnlyThePayeeMayVoid")
    _still_held(found)
    found.status = "voided"
    return found


def given_back(ledger: Ledger, original: Transaction) -> tuple[int, bool]:
    """How much of it, and whether by a reversal."""
    back = [t for t in ledger.transactions if t.original is original]
    return sum(t.amount for t in back if t.kind == "refund"), any(t.kind == "reversal" for t in back)


def refund(ledger: Ledger, who: str, original: Transaction, amount: int | None) -> Transaction:
    payer, payee = original.payer, original.payee
    returnable = original.kind in ("transfer", "capture")
    refuse_if(not returnable or payee is None or payee.owner != who, "TransferNotFound")
    assert payer is not None
    assert payee is not None
    refunded, is_reversed = given_back(ledger, original)
    refuse_if(is_reversed, "AlreadyReversed")
    rest = original.amount - refunded
    refuse_if(rest == 0 or (amount is not None and amount > rest), "RefundTooLarge")
    amount = amount or rest
    legs = [Leg(payee, -amount, who), Leg(payer, amount)]
    return ledger.post("refund", legs, original=original, payer=payee, payee=payer, amount=amount)


def reverse(ledger: Ledger, who: str, original: Transaction, *, administrator: bool) -> Transaction:
    """With its fee. An administrator may do it though the payee's account is frozen."""
    payee = original.payee
    mine = payee is not None and (administrator or payee.owner == who)
    refuse_if(original.kind not in ("transfer", "capture") or not mine, "TransferNotFound")
    refunded, is_reversed = given_back(ledger, original)
    refuse_if(is_reversed, "AlreadyReversed")
    refuse_if(refunded > 0, "AlreadyRefunded")
    # Who must give is looked at first.
    ordered = sorted(original.legs, key=lambda leg: leg.account is not payee)
    spender = None if administrator else who
    legs = [Leg(leg.account, -leg.amount, spender if leg.account is payee else None) for leg in ordered]
    return ledger.post("reversal", legs, original=original, payer=payee, payee=original.payer, amount=original.amount)
