"""Faithful remakes of the shapes of public workbooks, each with the tables that a person reads out of it."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Expected:
    """One table, written down by hand. `sums` are exact decimals, as text."""

    sheets: list[str]
    columns: dict[str, str]
    """The titles, in order, and their types."""
    rows: int
    refused: int = 0
    sums: dict[str, str] = field(default_factory=dict)
    first: list[str | None] | None = None
    last: list[str | None] | None = None


@dataclass(frozen=True)
class Shape:
    """`problems` are all of them, as (cell, value); `workbook` makes the file."""

    name: str
    workbook: Callable[[], bytes]
    tables: list[Expected]
    problems: list[tuple[str, str]] = field(default_factory=list)
