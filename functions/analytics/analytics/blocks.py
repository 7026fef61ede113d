"""The rows of a sheet, cut at its blank rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from analytics.cells import text_of
from analytics.sheets import Row

_HEAD = 60
"""Rows of a block that are kept to look for a header in."""


@dataclass(slots=True)
class Block:
    """Rows without a blank row between them."""

    first: int
    last: int
    count: int = 0
    head: list[Row] = field(default_factory=list)
    columns: set[int] = field(default_factory=set)

    def add(self, row: Row) -> None:
        number, cells = row
        self.last = number
        self.count += 1
        if len(self.head) < _HEAD:
            self.head.append(row)
        if len(self.columns) < len(cells):
            self.columns.update(index for index, value in enumerate(cells) if value is not None)


def blocks_of(rows: Iterable[Row]) -> Iterator[Block]:
    block: Block | None = None
    for row in rows:
        if block is not None and row[0] > block.last + 1:
            yield block
            block = None
        if block is None:
            block = Block(first=row[0], last=row[0])
        block.add(row)
    if block is not None:
        yield block


def row_texts(row: Row) -> list[str]:
    return [text_of(value).strip().casefold() for value in row[1] if value is not None]


def is_line(row: Row) -> bool:
    """Nothing but one cell of text."""
    values = [value for value in row[1] if value is not None]
    return len(values) == 1 and isinstance(values[0], str)
