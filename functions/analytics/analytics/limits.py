"""How large and how slow a workbook may be. Each limit can be changed by an environment variable `UPLOAD_<NAME>`."""

import os
from dataclasses import dataclass, fields
from functools import cache


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are bytes. A one-cell bomb of 1 MB unpacks to 1 GiB, and two cells, A1 and XFD1048576, to 17 billion."""

    file_bytes: int = 100 * 1024 * 1024
    zip_entries: int = 2_000
    unpacked_bytes: int = 1024 * 1024 * 1024
    ratio: int = 200
    ratio_from_bytes: int = 10 * 1024 * 1024
    """Small parts may compress as well as they like: an empty sheet does."""
    sheets: int = 50
    cells: int = 12_000_000
    bounding_box: int = 24_000_000
    """Cells of the smallest rectangle around all cells, empty ones included, summed over the sheets."""
    columns: int = 1_000
    memory_bytes: int = 1024 * 1024 * 1024
    seconds: int = 120
    problems: int = 1_000
    """How many unreadable cells are listed; all are counted."""


@cache
def limits() -> Limits:
    names = [field.name for field in fields(Limits)]
    return Limits(**{name: int(os.environ[key]) for name in names if (key := f"UPLOAD_{name.upper()}") in os.environ})
