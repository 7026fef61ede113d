"""Where the tables of a sheet are. What was assumed is said in `notes`; what is left out is listed, never lost."""

from dataclasses import dataclass

from analytics.blocks import Block, blocks_of
from analytics.cells import text_of
from analytics.drafts import Draft, continue_draft, is_preamble, start_draft, starts_table
from analytics.headers import column_titles
from analytics.merged_cells import Span
from analytics.sheets import Row, Sheet
from analytics.side_by_side import split_beside


@dataclass(slots=True)
class Table:
    """Row numbers are the sheet's own. Data rows are those after `header_row` up to `last_row`, less `left_out`."""

    header_row: int
    last_row: int
    data_end: int
    """The last row that is not a line of text under the table: where a total would stand."""
    columns: list[int]
    """Indexes into a row's cells; columns that are blank throughout are not among them."""
    titles: list[str]
    notes: list[str]
    names: list[str]
    """What the header row says, to know it again where it is repeated."""
    left_out: dict[int, str]
    """Rows that are not data, and why."""
    merged: list[Span]
    """Cells of the data that are merged downwards."""

    @property
    def key(self) -> frozenset[str]:
        """Sheets whose tables have the same columns, in any order, hold one table together."""
        return frozenset(title.casefold() for title in self.titles)


def find_tables(sheet: Sheet) -> list[Table]:
    drafts: list[Draft] = []
    waiting: list[Row] = []
    """Lines before any table: a title, or a header that a blank row parts from its data."""
    thin: Block | None = None
    """A few cells before the table: a table only if there is no better one."""
    for block in blocks_of(sheet.rows()):
        if not drafts and is_preamble(block, waiting):
            thin, waiting = block, waiting + block.head
        elif drafts and not starts_table(block, drafts[-1]):
            continue_draft(drafts[-1], block)
        elif (draft := start_draft(block, waiting)) is not None:
            drafts.append(draft)
            waiting = []
        else:
            waiting += block.head
    if not drafts and thin is not None and (draft := start_draft(thin, [])) is not None:
        drafts.append(draft)
    return [_finished(part, sheet) for draft in drafts for part in split_beside(draft, sheet)]


def _finished(draft: Draft, sheet: Sheet) -> Table:
    columns = sorted(draft.columns)
    first_row = draft.levels[0][0] if draft.levels else None
    spans = [
        (top + 1, left - sheet.first_column, right - sheet.first_column)
        for (top, left), (_, right) in sheet.merged
        if right > left
    ]
    titles = column_titles(draft.levels, columns, sheet.first_column, spans)
    header_row = draft.lines[-1][0] if draft.lines else 0
    merged = [
        (top + 1, bottom + 1, columns.index(left - sheet.first_column))
        for (top, left), (bottom, _) in sheet.merged
        if header_row < top + 1 <= bottom and left - sheet.first_column in draft.columns
    ]
    notes = _notes(draft, first_row)
    return Table(
        header_row, draft.last_row, draft.data_end, columns, titles, notes, draft.names, draft.left_out, merged
    )


def _notes(draft: Draft, first_row: int | None) -> list[str]:
    notes = []
    above = draft.lines[: draft.header.top]
    if above:
        numbers = _ranges([number for number, _ in above])
        notes.append(f"rows {numbers} above the table were taken as a title: {'; '.join(map(_line, above))[:300]}")
    if first_row is None:
        notes.append("no row with column names was found; columns are named by their letters")
    elif len(draft.levels) > 1:
        notes.append(f"column names were taken from rows {first_row}-{draft.levels[-1][0]}")
    else:
        notes.append(f"column names were taken from row {first_row}")
    return notes


def _ranges(numbers: list[int]) -> str:
    """1-3, 5"""
    starts = [number for number in numbers if number - 1 not in numbers]
    ends = [number for number in numbers if number + 1 not in numbers]
    return ", ".join(
        f"{first}-{last}" if last > first else str(first) for first, last in zip(starts, ends, strict=True)
    )


def _line(row: Row) -> str:
    return " ".join(text_of(value).strip() for value in row[1] if value is not None)
