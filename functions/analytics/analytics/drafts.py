"""A table while it is being put together from the blocks of a sheet."""

from dataclasses import dataclass, field

from analytics.blocks import Block, is_line, row_texts
from analytics.headers import Header, find_header
from analytics.sheets import Row

_NOTE_LINES = 5
_PREAMBLE_COLUMNS = 2
_PAIR = 2
_NOTE_BESIDE = 3
"""Lines of text are told from data where a table has at least so many columns."""


@dataclass(slots=True)
class Draft:
    """A table while more rows may join it."""

    header: Header
    lines: list[Row]
    """The rows above the data: titles and the header."""
    last_row: int
    data_end: int
    columns: set[int]
    left_out: dict[int, str] = field(default_factory=dict)

    @property
    def levels(self) -> list[Row]:
        return self.lines[self.header.top : self.header.bottom + 1] if self.header.named else []

    @property
    def names(self) -> list[str]:
        return row_texts(self.levels[-1]) if self.levels else []


def is_preamble(block: Block, waiting: list[Row]) -> bool:
    """A title, or lines such as "Period: | May 2024"; or two lines of two cells, if nothing waits to name their columns."""
    if block.count > _NOTE_LINES or len(block.columns) > _PREAMBLE_COLUMNS:
        return False
    pair = block.count == _PAIR and all(map(is_line, waiting))
    return pair or all(is_line(row) or _names_itself(row) for row in block.head)


def _names_itself(row: Row) -> bool:
    first = next(value for value in row[1] if value is not None)
    return isinstance(first, str) and first.rstrip().endswith(":")


def start_draft(block: Block, waiting: list[Row]) -> Draft | None:
    lines = block.head
    header = find_header(lines)
    if waiting and not (header and header.named and header.contrasts):
        parted = find_header([waiting[-1], *lines])
        if parted and parted.named and parted.top == 0:
            lines, header = [waiting[-1], *lines], parted
    if header is None:
        return None
    above = [row for row in waiting if row[0] < lines[0][0]]
    moved = Header(header.top + len(above), header.bottom + len(above), header.named, header.contrasts)
    kept = [*above, *lines][: moved.bottom + 1]
    named = {index for row in kept[moved.top :] for index, value in enumerate(row[1]) if value is not None}
    return Draft(moved, kept, block.last, block.last, block.columns | named)


def starts_table(block: Block, draft: Draft) -> bool:
    """Rows after a blank row go on with the table unless they bring other names, above data that is not all words."""
    header = find_header(block.head)
    if header is None or not header.named or not header.contrasts:
        return False
    names = row_texts(block.head[header.bottom])
    return len(names) > 1 and names != draft.names


def continue_draft(draft: Draft, block: Block) -> None:
    beside = len(draft.columns) >= _NOTE_BESIDE or not block.columns & draft.columns
    if beside and block.count <= _NOTE_LINES and all(map(is_line, block.head)):
        draft.left_out |= dict.fromkeys((number for number, _ in block.head), "a line of text beside the table")
    else:
        draft.columns |= block.columns
        draft.data_end = block.last
    draft.last_row = block.last
