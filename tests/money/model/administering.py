"""What administrators do, and owners to their own accounts."""

from tests.money.model.state import Account, Adjustment, Ledger, Leg, refuse_if


def set_status(ledger: Ledger, owner: str | None, account: Account, status: str) -> None:
    """`owner`: who wants it; None: an administrator."""
    refuse_if(account.owner is None or (owner is not None and account.owner != owner), "AccountNotFound")
    refuse_if(account.status == "closed" and status != "closed", "AccountClosed")
    if account.status == status:
        return
    refuse_if(owner is not None and account.status == "frozen", "AccountFrozen")
    if status == "closed":
        refuse_if(account.balance != 0 or ledger.held(account) != 0, "AccountNotEmpty")
    account.status = status


def configure(ledger: Ledger, account: Account, overdraft: int | None, hot: bool | None) -> None:
    refuse_if(account.owner is None, "AccountNotFound")
    if overdraft is not None:
        refuse_if(account.balance - ledger.held(account) + overdraft < 0, "OverdraftInUse")
        account.overdraft = overdraft
    if hot is not None:
        account.hot = hot


def propose(ledger: Ledger, who: str, account: Account, amount: int, currency: str) -> Adjustment:
    refuse_if(account.currency != currency, "CurrencyMismatch")
    made = Adjustment(account, amount, who)
    ledger.adjustments.append(made)
    return made


def decide(ledger: Ledger, who: str, found: Adjustment, *, approve: bool) -> Adjustment:
    """Two people. One that cannot be posted now may be decided again."""
    refuse_if(found.status != "proposed", "AdjustmentDecided")
    refuse_if(found.proposed_by == who, "SecondPersonNeeded")
    if approve:
        against = ledger.artels("adjustments", found.account.currency)
        given = [Leg(against, -found.amount), Leg(found.account, found.amount)]
        ledger.post("adjustment", sorted(given, key=lambda leg: leg.amount))
    found.status = "posted" if approve else "rejected"
    return found
