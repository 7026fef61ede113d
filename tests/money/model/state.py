"""The ledger's rules in plain Python, written from what they promise and not from the SQL: the state, and how it is posted to.

Nobody waits here, nothing is folded, and nothing expires late: what the database does for the sake of speed must not be seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

MOST = 2**53 - 1
DEBIT_NORMAL = ("clearing:", "adjustments:")


class Refused(Exception):
    """The code is the message."""


def refuse_if(wrong: bool, code: str) -> None:
    if wrong:
        raise Refused(code)


@dataclass(eq=False)
class Account:
    """`owner` None: Artel's own, without a bound. `id` is the database's."""

    owner: str | None
    currency: str
    code: str | None = None
    id: str = ""
    balance: int = 0
    overdraft: int | None = 0
    status: str = "open"
    hot: bool = False

    @property
    def sign(self) -> int:
        """Of what a credit does to the balance."""
        return -1 if self.code and self.code.startswith(DEBIT_NORMAL) else 1


@dataclass(frozen=True)
class Leg:
    """`amount`: positive is credited. `spender`: who must own the account, if it matters; then it must not be frozen."""

    account: Account
    amount: int
    spender: str | None = None
    releases: int = 0

    @property
    def change(self) -> int:
        return self.amount * self.account.sign


@dataclass(eq=False)
class Transaction:
    kind: str
    legs: tuple[Leg, ...]
    payer: Account | None = None
    payee: Account | None = None
    amount: int = 0
    """What the payee got."""
    original: "Transaction | None" = None
    id: str = ""
    sealed: bool = False

    @property
    def fee(self) -> int:
        return sum(leg.amount for leg in self.legs if leg.account.code and leg.account.code.startswith("fees:"))


@dataclass(eq=False)
class Hold:
    payer: Account
    payee: Account
    amount: int
    status: str = "held"
    id: str = ""


@dataclass(eq=False)
class Adjustment:
    account: Account
    amount: int
    proposed_by: str
    status: str = "proposed"
    id: str = ""


@dataclass
class Ledger:
    accounts: list[Account] = field(default_factory=list)
    own: dict[str, Account] = field(default_factory=dict)
    transactions: list[Transaction] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    fee_rules: dict[tuple[str, str], tuple[str, int, str, int, int | None]] = field(default_factory=dict)
    """By operation and currency: the rule's id, then flat, rate, minimum, maximum."""
    limits: dict[tuple[str | None, str], tuple[str, int | None, int | None]] = field(default_factory=dict)
    """By person (None: everybody else) and currency: the limit's id, then per operation and per day."""
    spent: dict[tuple[str, str], int] = field(default_factory=dict)

    def held(self, account: Account) -> int:
        return sum(hold.amount for hold in self.holds if hold.payer is account and hold.status == "held")

    def available(self, account: Account) -> int:
        assert account.overdraft is not None
        return account.balance - self.held(account) + account.overdraft

    def artels(self, purpose: str, currency: str) -> Account:
        code = f"{purpose}:{currency}"
        if code not in self.own:
            self.own[code] = Account(None, currency, code, overdraft=None, hot=True)
        return self.own[code]

    def everything(self) -> list[Account]:
        return [*self.accounts, *self.own.values()]

    def check(self, leg: Leg) -> None:
        """Whether this may happen to the account."""
        account = leg.account
        refuse_if(account.status == "closed", "AccountClosed")
        if leg.change > 0:
            refuse_if(account.owner is not None and account.balance + leg.change > MOST, "BalanceTooLarge")
            return
        refuse_if(account.status == "frozen" and leg.spender is not None, "AccountFrozen")
        if account.overdraft is not None:
            refuse_if(self.available(account) + leg.releases + leg.change < 0, "InsufficientFunds")

    def post(self, kind: str, legs: Sequence[Leg], **about: object) -> Transaction:
        """Legs are looked at in their order; the first that is refused refuses it all."""
        seen: set[Account] = set()
        for leg in legs:
            refuse_if(leg.account.status == "closed", "AccountClosed")
            refuse_if(leg.account in seen, "SameAccount")
            self.check(leg)
            seen.add(leg.account)
        made = Transaction(kind, tuple(legs), **about)  # type: ignore[arg-type]
        for leg in legs:
            leg.account.balance += leg.change
        self.transactions.append(made)
        return made

    def take_back(self, posted: Transaction) -> None:
        """As if it had never been posted: for what is all or nothing."""
        for leg in posted.legs:
            leg.account.balance -= leg.change
        self.transactions.remove(posted)
