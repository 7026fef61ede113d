"""Tables beside each other on one sheet."""

from dataclasses import replace

from analytics.drafts import Draft
from analytics.sheets import Sheet

_DENSE = 0.9
"""Share of filled cells that makes a table of its own of columns beside another table's."""


def split_beside(draft: Draft, sheet: Sheet) -> list[Draft]:
    """Tables beside each other: parted by a blank column, each filled without gaps, down to another row than the next.

    A blank column alone only parts the columns of one table.
    """
    groups = _neighbours(draft.columns)
    if len(groups) == 1 or not draft.levels or min(map(len, groups)) == 1:
        return [draft]
    first, ends, cells = draft.lines[-1][0], [0] * len(groups), [0] * len(groups)
    for number, values in sheet.rows():
        if first < number <= draft.data_end:
            for position, group in enumerate(groups):
                filled = sum(index < len(values) and values[index] is not None for index in group)
                cells[position] += filled
                ends[position] = number if filled else ends[position]
    full = [count >= _DENSE * len(g) * (end - first) for g, count, end in zip(groups, cells, ends, strict=True)]
    if len(set(ends)) == 1 or not all(full) or not all(ends):
        return [draft]
    parts = []
    for group, end in zip(groups, ends, strict=True):
        lines = [(number, [v if i in group else None for i, v in enumerate(row)]) for number, row in draft.lines]
        parts.append(replace(draft, lines=lines, last_row=end, data_end=end, columns=set(group), left_out={}))
    return parts


def _neighbours(columns: set[int]) -> list[list[int]]:
    """The columns in stretches without a gap."""
    groups: list[list[int]] = []
    for index in sorted(columns):
        if not groups or groups[-1][-1] != index - 1:
            groups.append([])
        groups[-1].append(index)
    return groups
