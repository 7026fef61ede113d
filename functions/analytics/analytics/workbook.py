"""A workbook becomes tables: found, typed, and written down as CSV for the columnar file. Runs in the child process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analytics.cells import cell_name
from analytics.column_types import ColumnType, decide
from analytics.columnar import SHEET_COLUMN
from analytics.evidence import Evidence
from analytics.limits import Limits
from analytics.parts import SEEN_EVERY, Part, rows_of
from analytics.refusal import WorkbookRefused
from analytics.spreadsheet import Workbook
from analytics.table_writer import TableWriter
from analytics.tables import Table, find_tables
from analytics.told_types import ToldType, as_told

_NAMED_SHEETS = 3
_HEADINGS, _SHOWN_HEADING = 3, 60
_SHOWN = 200
"""Characters of an unreadable cell's text that are repeated in its problem."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that was left blank, or a row that was left out (`cell` is then its first one)."""

    sheet: str
    cell: str
    value: str
    reason: str


@dataclass(slots=True)
class ReadColumn:
    name: str
    type: ColumnType


@dataclass(slots=True)
class ReadTable:
    """One table of the dataset, from one sheet or from several with the same columns."""

    name: str
    sheets: list[str]
    hidden: bool
    columns: list[ReadColumn]
    csv: str
    """File name in the output directory: no header, quoted texts, nothing at all for a blank; first the row's number."""
    notes: list[str]
    rows: int = 0
    refused: int = 0


@dataclass(slots=True)
class ReadWorkbook:
    tables: list[ReadTable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problems_count: int = 0
    notes: list[str] = field(default_factory=list)


type Told = Mapping[str, Mapping[str, ToldType]]
"""What a person has told of columns, by table and column name; under "" for tables that are not among them."""
type Progress = Callable[[float, int], None]
"""Called with the share that is done, 0 to 1, and the rows written so far."""


def read_workbook(
    path: Path, directory: Path, limits: Limits, progress: Progress, told: Told | None = None, *, careful: bool = False
) -> ReadWorkbook:
    """Raises WorkbookRefused. Every row below a header is written, or counted as refused and listed."""
    workbook = Workbook(path, limits, careful=careful)
    result = ReadWorkbook(notes=[f"{name}: not a worksheet, not read" for name in workbook.other_sheets])
    reader = _Reader(workbook, directory, limits, result, progress, told or {})
    groups = reader.grouped(reader.parts())
    if not groups:
        raise WorkbookRefused("No table was found in the workbook: no row of column names with data below it.")
    for number, group in enumerate(groups, start=1):
        reader.write(group, f"table-{number}.csv")
    return result


class _Reader:
    """Two passes: the first finds tables and weighs types, the second writes, so that no sheet is kept as Python objects."""

    def __init__(
        self, workbook: Workbook, directory: Path, limits: Limits, result: ReadWorkbook, progress: Progress, told: Told
    ) -> None:
        self.workbook, self.directory, self.limits, self.result = workbook, directory, limits, result
        self._progress, self._told = progress, told
        self._writers: list[TableWriter] = []
        self._seen, self._expected = 0, 2 * sum(map(workbook.row_count, workbook.names)) or 1

    def parts(self) -> list[Part]:
        parts: list[Part] = []
        for name in self.workbook.names:
            sheet = self.workbook.sheet(name)
            found = [Part(name, sheet.hidden, table) for table in find_tables(sheet)]
            if not found:
                self.result.notes.append(f"{name}: no table was found on this sheet")
            elif name in self.workbook.pivots:
                self.result.notes.append(f"{name}: a pivot table of Excel's stands here, which sums up other rows")
            for part, (number, _), values in rows_of(sheet, found, self._seen_more):
                part.see(number, values)
            for part in found:
                part.finish()
            parts += found
        return parts

    def _seen_more(self) -> None:
        self._seen += SEEN_EVERY
        self._progress(min(self._seen / self._expected, 1.0), sum(writer.rows for writer in self._writers))

    def grouped(self, parts: list[Part]) -> list[list[Part]]:
        """Hidden sheets and pivots stand alone: what nobody sees, or sums up, must not change the sums of the data."""
        groups: dict[object, list[Part]] = {}
        for part in parts:
            if len(part.table.columns) > self.limits.columns:
                raise WorkbookRefused(f"A table has more than {self.limits.columns} columns.")
            alone = part.hidden or part.sheet in self.workbook.pivots
            groups.setdefault(id(part) if alone else part.table.key, []).append(part)
        return list(groups.values())

    def write(self, group: list[Part], file: str) -> None:
        first = group[0]
        sheets = list(dict.fromkeys(part.sheet for part in group))
        name = self._name(sheets)
        columns = [ReadColumn(title, self._type(name, title, _merged(group, title))) for title in first.table.titles]
        table = ReadTable(name, sheets, first.hidden, columns, file, _notes(group))
        self.result.tables.append(table)
        with (self.directory / file).open("w", encoding="utf-8", newline="") as out:
            writer = TableWriter(out, [column.type for column in columns])
            self._writers.append(writer)
            for part in group:
                self._write_part(part, table, writer)
        table.rows, table.refused = writer.rows, writer.refused
        if len(sheets) > 1:
            table.columns.append(ReadColumn(SHEET_COLUMN, ColumnType("text", "dimension")))

    def _type(self, table: str, title: str, evidence: Evidence) -> ColumnType:
        if told := self._told.get(table, self._told.get("", {})).get(title):
            return as_told(told, evidence, title, date1904=self.workbook.date1904)
        return decide(evidence, title)

    def _name(self, sheets: list[str]) -> str:
        name = " + ".join(sheets) if len(sheets) <= _NAMED_SHEETS else f"{sheets[0]} + {len(sheets) - 1} more"
        taken = sum(table.name == name or table.name.startswith(f"{name} (") for table in self.result.tables)
        return f"{name} ({taken + 1})" if taken else name

    def _write_part(self, part: Part, table: ReadTable, writer: TableWriter) -> None:
        sheet = self.workbook.sheet(part.sheet)

        def found(number: int, index: int, text: str, reason: str) -> None:
            self.result.problems_count += 1
            if len(self.result.problems) < self.limits.problems:
                cell = cell_name(sheet.first_column + index, number)
                self.result.problems.append(Problem(part.sheet, cell, text[:_SHOWN], reason))

        order = [_position(part.table, column.name) for column in table.columns]
        tail = [part.sheet] if len(table.sheets) > 1 else []
        writer.write(part, order, rows_of(sheet, [part], self._seen_more), tail, found)


def _position(table: Table, title: str) -> int:
    return [name.casefold() for name in table.titles].index(title.casefold())


def _merged(group: list[Part], title: str) -> Evidence:
    """One type for the column on all of its sheets: an invoice "C489449" on one makes it text on the others."""
    whole = Evidence()
    for part in group:
        whole.merge(part.evidence[_position(part.table, title)])
    return whole


def _notes(group: list[Part]) -> list[str]:
    notes = []
    for part in group:
        notes += [f"{part.sheet}: {note}" for note in part.table.notes]
        if part.lonely:
            shown = ", ".join(f"row {number}: {text[:_SHOWN_HEADING]!r}" for number, text in part.lonely[:_HEADINGS])
            more = ", …" if len(part.lonely) > _HEADINGS else ""
            count = len(part.lonely)
            notes.append(
                f"{part.sheet}: {count} of the rows hold one cell only ({shown}{more}); headings, perhaps, but kept"
            )
    return notes
