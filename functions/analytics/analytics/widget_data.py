"""The figures of a widget: each series by its own statement, under the dashboard's filters. Amounts never become floats."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from analytics import money_summary, query_run, service
from analytics.dashboard_schemas import DashboardFilters, DatasetSeries, MoneySeries, Series, Widget
from analytics.dataset_files import local_copy
from analytics.errors import DatasetNotFound
from analytics.query_schemas import DatasetQuery, Filter
from analytics.query_sources import Source, choose_sources, common_columns
from analytics.query_sql import Statement, build
from analytics.result_json import Columns, columns_json, rows_json

_USUAL = timedelta(days=365)
_MONEY: Columns = [("period", "date"), ("currency", "text"), ("exponent", "integer"), ("amount", "integer")]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one series. `truncated`: there are more rows than were asked for."""

    title: str
    columns: Columns
    rows: Sequence[Sequence[Any]]
    truncated: bool

    def json(self) -> str:
        head = f'"title":{json.dumps(self.title)},"columns":{columns_json(self.columns)}'
        rows = rows_json(self.columns, self.rows)
        return f'{{{head},"rows":{rows},"truncated":{json.dumps(self.truncated)}}}'


@dataclass(frozen=True, slots=True)
class _Asked:
    """A dataset's series, ready for the engine."""

    statement: Statement
    files: list[Path]
    limit: int


async def read(session: AsyncSession, user_id: UUID, widget: Widget, filters: DashboardFilters) -> list[Figures]:
    """Raises DatasetNotFound, InvalidQuery, QueryTooHeavy, InvalidPeriod, StorageUnavailable."""
    prepared: list[Figures | _Asked] = []
    for series in widget.series:
        if series.money is not None:
            prepared.append(await _money(session, user_id, _title(series, widget), series.money, filters))
        else:
            assert series.dataset is not None
            prepared.append(await _dataset(session, user_id, series.dataset, filters))
    await session.close()  # the connection serves others while the engine works
    return [
        each if isinstance(each, Figures) else await _run(each, _title(series, widget))
        for each, series in zip(prepared, widget.series, strict=True)
    ]


def _title(series: Series, widget: Widget) -> str:
    return series.title or widget.title


async def _run(asked: _Asked, title: str) -> Figures:
    columns, rows = await query_run.fetch(asked.statement, asked.files)
    return Figures(title, columns, rows[: asked.limit], truncated=len(rows) > asked.limit)


async def _dataset(session: AsyncSession, user_id: UUID, series: DatasetSeries, filters: DashboardFilters) -> _Asked:
    stored = {table.position: table for table in await service.tables_of(session, user_id, series.dataset_id)}
    if not stored:
        raise DatasetNotFound
    sources = choose_sources(series.query, [service.query_table(table) for table in stored.values()])
    query = _filtered(series, sources, filters)
    columns = common_columns(query, sources)
    files = {source.table.position: await local_copy(stored[source.table.position]) for source in sources}
    return _Asked(build(query, sources, columns, files), list(files.values()), query.limit)


def _filtered(series: DatasetSeries, sources: Sequence[Source], filters: DashboardFilters) -> DatasetQuery:
    """What a table has no column for does not apply to it."""
    dated = series.dated()
    added = [each for each in filters.columns if _all_have(sources, each.column)]
    if dated is not None and filters.first:
        added.append(Filter(column=dated, op="gte", value=filters.first.isoformat()))
    if dated is not None and filters.last:  # the whole of that day
        added.append(Filter(column=dated, op="lt", value=(filters.last + timedelta(days=1)).isoformat()))
    return series.query.model_copy(update={"filters": [*series.query.filters, *added]})


def _all_have(sources: Sequence[Source], column: str) -> bool:
    return all(source.table.column(column) is not None for source in sources)


async def _money(
    session: AsyncSession, user_id: UUID, title: str, series: MoneySeries, filters: DashboardFilters
) -> Figures:
    last = filters.last or datetime.now(UTC).date()
    first = filters.first or last - _USUAL
    periods = await money_summary.by_period(session, user_id, series.account_id, first, last, series.every)
    rows = [(each.day, each.currency, each.exponent, _amount(each, series.flow)) for each in periods]
    return Figures(title, _MONEY, rows, truncated=False)


def _amount(period: Any, flow: str) -> int:
    amount: int = period.inflow - period.outflow if flow == "net" else getattr(period, flow)
    return amount


def before(filters: DashboardFilters) -> DashboardFilters | None:
    """The period of equal length before. None when there is no whole period."""
    if filters.first is None or filters.last is None:
        return None
    days = filters.last - filters.first + timedelta(days=1)
    if filters.first - date.min < days:
        return None
    return filters.model_copy(update={"first": filters.first - days, "last": filters.first - timedelta(days=1)})


async def answer(session: AsyncSession, user_id: UUID, widget: Widget, filters: DashboardFilters) -> str:
    """The JSON of a WidgetData."""
    earlier = before(filters) if widget.kind == "number" else None
    series = await read(session, user_id, widget, filters)
    previous = await read(session, user_id, widget, earlier) if earlier else None
    return f'{{"series":{_list(series)},"previous":{"null" if previous is None else _list(previous)}}}'


def _list(figures: Sequence[Figures]) -> str:
    return f"[{','.join(each.json() for each in figures)}]"
