"""The dashboard that every new dataset has: what somebody would first want to know of it, by the kinds of its columns."""

from datetime import date
from typing import Any
from uuid import UUID

from analytics.dashboard_schemas import DatasetSeries, Kind, Place, Series, Widget
from analytics.query_schemas import DatasetQuery

_NUMBERS, _BARS = 3, 3
_FEWEST, _MOST = 2, 100
"""Different values of a column that bars are made of."""
_TOP = 10
_DAYS, _YEARS = 62, 4 * 366


def widgets(dataset_id: UUID, tables: list[dict[str, Any]]) -> list[Widget]:
    """Of the table with the most rows. `tables` as they are stored: name, rows, columns with name, type, role and profile."""
    table = max(tables, key=lambda each: int(each["rows"]), default=None)
    if table is None or not table["rows"]:
        return []
    return _Maker(dataset_id, table).made()


class _Maker:
    def __init__(self, dataset_id: UUID, table: dict[str, Any]) -> None:
        self._dataset_id, self._table = dataset_id, table["name"]
        columns: list[dict[str, Any]] = table["columns"]
        self._columns = [column["name"] for column in columns]
        self._measures = [each["name"] for each in columns if each["role"] == "measure"]
        self._time = next(
            (each for each in columns if each["role"] == "time" and each["type"] in ("date", "datetime")), None
        )
        self._dimensions = [
            each["name"]
            for each in columns
            if each["role"] == "dimension" and _FEWEST <= each["profile"]["distinct"] <= _MOST
        ]

    def made(self) -> list[Widget]:
        numbers = [self._number(n) for n in range(min(_NUMBERS, len(self._measures)) + 1)]
        made, y = numbers, 2
        if self._time is not None:
            made.append(self._over_time(self._time, y))
            y += 5
        for n, dimension in enumerate(self._dimensions[:_BARS]):
            made.append(self._bars(n, dimension, y))
        y += 5 if self._dimensions else 0
        return [*made, self._rows(y)]

    def _widget(self, name: str, title: str, kind: Kind, place: tuple[int, int, int, int], **query: Any) -> Widget:
        x, y, w, h = place
        asked = DatasetQuery.model_validate({"table": self._table, **query})
        time_column = self._time["name"] if self._time else None
        series = Series(dataset=DatasetSeries(dataset_id=self._dataset_id, query=asked, time_column=time_column))
        return Widget(id=name, title=title[:200], kind=kind, place=Place(x=x, y=y, w=w, h=h), series=[series])

    def _sum(self) -> dict[str, str]:
        return {"op": "sum", "column": self._measures[0]} if self._measures else {"op": "count"}

    def _number(self, n: int) -> Widget:
        """How many rows, then the sums."""
        measure = {"op": "sum", "column": self._measures[n - 1]} if n else {"op": "count"}
        title = self._measures[n - 1] if n else self._table
        return self._widget(f"number-{n + 1}", title, "number", (3 * n, 0, 3, 2), measures=[measure])

    def _over_time(self, column: dict[str, Any], y: int) -> Widget:
        group = {"column": column["name"], "grain": _grain(column["profile"])}
        title = f"{self._measures[0] if self._measures else self._table}: {column['name']}"
        return self._widget("time", title, "line", (0, y, 12, 5), measures=[self._sum()], group_by=[group], limit=1000)

    def _bars(self, n: int, dimension: str, y: int) -> Widget:
        measure = self._sum() | {"as": _other_than("value", [dimension])}
        asked = {
            "measures": [measure],
            "group_by": [{"column": dimension}],
            "order_by": [{"column": measure["as"], "direction": "desc"}],
            "limit": _TOP,
        }
        return self._widget(f"bar-{n + 1}", dimension, "bar", (4 * n, y, 4, 5), **asked)

    def _rows(self, y: int) -> Widget:
        """Of the columns that say something to people, how often each combination is there."""
        shown = [name for name in self._columns if name in self._dimensions][:3] or self._columns[:3]
        sums = [name for name in self._measures[:3] if name not in shown]
        taken = list(shown)
        measures = []
        for op, column in (("count", None), *(("sum", name) for name in sums)):
            label = _other_than(column or "#", taken)
            taken.append(label)
            measures.append({"op": op, "column": column, "as": label} if column else {"op": op, "as": label})
        groups = [{"column": name} for name in shown]
        return self._widget("table", self._table, "table", (0, y, 12, 6), measures=measures, group_by=groups, limit=100)


def _other_than(label: str, names: list[str]) -> str:
    """Results are told apart by their names, whatever the case."""
    while label.casefold() in {name.casefold() for name in names}:
        label += "_"
    return label


def _grain(profile: dict[str, Any]) -> str:
    """So that there are neither too few points to see a course nor too many to see anything."""
    try:
        days = (date.fromisoformat(profile["max"][:10]) - date.fromisoformat(profile["min"][:10])).days
    except (TypeError, ValueError):
        return "month"
    return "day" if days <= _DAYS else "month" if days <= _YEARS else "year"
