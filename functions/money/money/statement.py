"""An account's statement: what it had, what came and went, what it has. Whatever is printed of it was checked to add up."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


class BooksDisagree(RuntimeError):
    """What is about to be printed does not add up. Nobody gets a wrong statement: they get an error, and we get a log."""


@dataclass(frozen=True, slots=True)
class Line:
    """`number` is the account's version after it; `amount` is signed, positive came in.

    Who sent to a person sees whom they named (`recipient`) and no account.
    """

    number: int
    transaction_id: UUID
    booked_at: datetime
    kind: str
    description: str
    counterparty: UUID | None
    recipient: str | None
    amount: int
    balance_after: int

    @property
    def other_side(self) -> str:
        return str(self.counterparty or self.recipient or "")


@dataclass(frozen=True, slots=True)
class Statement:
    """Without its lines, which are numbers `before + 1` … `last` of the account's history. `until` is its last day."""

    account_id: UUID
    name: str
    currency: str
    exponent: int
    since: date
    until: date
    made_at: datetime
    before: int
    last: int
    opening: int
    incoming: int
    outgoing: int
    closing: int

    def __post_init__(self) -> None:
        if self.opening + self.incoming - self.outgoing != self.closing:
            raise BooksDisagree(
                f"account {self.account_id} from {self.since} to {self.until}: the totals do not add up"
            )

    @property
    def count(self) -> int:
        return self.last - self.before

    @property
    def filename(self) -> str:
        """Nothing in it that a person has chosen, so that it needs no quoting."""
        return f"statement-{self.currency}-{self.since}-{self.until}-{self.account_id.hex[-8:]}"

    def check(self, line: Line, number: int, balance: int) -> None:
        """`line` follows on the one with this number and this balance."""
        if line.number != number + 1 or balance + line.amount != line.balance_after:
            raise BooksDisagree(f"account {self.account_id}: entry {number + 1} does not follow from entry {number}")
