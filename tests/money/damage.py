"""A ledger of one's own that somebody with every right has damaged: past triggers, keys and checks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from tests.money.state_machine.books import Answer, Books, Request

ADA, BOB, ROOT = (UUID(int=n) for n in range(1, 4))


@dataclass
class Small:
    """Ada's account with 900 of 1000, Bob's with 100: of three transfers of 50, one was refunded."""

    books: Books
    hers: str
    his: str
    transfers: list[str]

    def damage(self, statement: str, *values: Any) -> None:
        # Books' superuser is a replica: no trigger sees what it does.
        self.books.superuser.execute(statement.encode(), values)

    def violations(self) -> list[tuple[str, str]]:
        return [(row["invariant"], row["detail"]) for row in self.books.rows("SELECT * FROM money.violations()")]

    def seal(self) -> Answer:
        return self.books.row("publish", 1000)

    def check(self, first: int = 1) -> Answer:
        return self.books.row("verify_seals", first, 1000)


def request(books: Books, function: str, principal: UUID, *args: Any) -> Answer:
    answer = books.request(Request(function, principal, uuid4().hex, args))
    assert answer.get("refused") is None
    return answer


def small(books: Books) -> Small:
    hers, his = (str(request(books, "open_account", who, "EUR", "")["account_id"]) for who in (ADA, BOB))
    request(books, "arrive", ADA, hers, 1000, "EUR")
    send: Callable[[], Answer] = lambda: request(books, "transfer", ADA, hers, his, 50, "EUR", "words")  # noqa: E731
    transfers = [str(send()["transaction_id"]) for _ in range(3)]
    request(books, "refund", BOB, transfers[0], None, "")
    return Small(books, hers, his, transfers)
