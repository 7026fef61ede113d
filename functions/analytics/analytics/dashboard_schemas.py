"""A dashboard as data: widgets in places on a grid, each of one or more series, and filters that apply to all of them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from analytics.query_schemas import DatasetQuery, Filter, Name, ResultColumn
from common.schemas import Strict

GRID = 12
"""Columns of the grid."""
type Kind = Literal["number", "line", "bar", "stacked", "pie", "table", "heatmap", "pivot"]
Title = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class Place(Strict):
    """In cells of a grid that is 12 wide and as high as is needed."""

    x: Annotated[int, Field(ge=0, lt=GRID)]
    y: Annotated[int, Field(ge=0, le=1000)]
    w: Annotated[int, Field(ge=1, le=GRID)]
    h: Annotated[int, Field(ge=1, le=24)]

    @model_validator(mode="after")
    def _on_the_grid(self) -> Self:
        if self.x + self.w > GRID:
            raise ValueError("the widget reaches beyond the grid's 12 columns")
        return self


class MoneySeries(Strict):
    """What came into your accounts and went out, by period and currency."""

    account_id: UUID | None = None
    flow: Literal["inflow", "outflow", "net", "balance"] = "net"
    every: Literal["day", "week", "month", "year"] = "month"


class DatasetSeries(Strict):
    """`time_column` is what the dashboard's dates apply to; by itself the one that is grouped by a grain."""

    dataset_id: UUID
    query: DatasetQuery
    time_column: Name | None = None

    def dated(self) -> str | None:
        return self.time_column or next((group.column for group in self.query.group_by if group.grain), None)


class Series(Strict):
    """Exactly one source."""

    title: Title | None = None
    dataset: DatasetSeries | None = None
    money: MoneySeries | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.dataset is None) == (self.money is None):
            raise ValueError("a series is of a dataset or of money")
        return self


class Widget(Strict):
    """Several series stand on one time axis: of datasets, of money, or of both."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
    title: Title
    kind: Kind
    place: Place
    series: Annotated[list[Series], Field(min_length=1, max_length=8)]


class DashboardFilters(Strict):
    """`first` and `last` (both included) apply to each series' time; the filters to each that has the column."""

    first: date | None = None
    last: date | None = None
    columns: Annotated[list[Filter], Field(default_factory=list, max_length=20)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first and self.last and self.first > self.last:
            raise ValueError("the period ends before it begins")
        return self


def _unique(widgets: list[Widget]) -> None:
    ids = [widget.id for widget in widgets]
    if len(ids) != len(set(ids)):
        raise ValueError("two widgets have the same id")


class DashboardCreate(Strict):
    name: Title
    widgets: Annotated[list[Widget], Field(default_factory=list, max_length=40)]
    filters: DashboardFilters = Field(default_factory=lambda: DashboardFilters(columns=[]))

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        _unique(self.widgets)
        return self


class DashboardUpdate(Strict):
    """Fields left out or null stay as they are."""

    name: Title | None = None
    widgets: Annotated[list[Widget], Field(max_length=40)] | None = None
    filters: DashboardFilters | None = None

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        _unique(self.widgets or [])
        return self


class DashboardSummary(BaseModel):
    """`dataset_id`: of the one that was made for a dataset by itself."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    dataset_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime


class DashboardRead(DashboardSummary):
    widgets: list[Widget]
    filters: DashboardFilters


class SeriesData(BaseModel):
    """Decimals are JSON numbers with all their digits. Of money: period, currency, and minor units with their exponent."""

    title: str
    columns: list[ResultColumn]
    rows: list[list[Any]]
    truncated: bool


class WidgetData(BaseModel):
    """`previous`: of a number whose dashboard has a period, the same for the period of equal length before."""

    series: list[SeriesData]
    previous: list[SeriesData] | None


class ShareCreate(Strict):
    expires_at: AwareDatetime | None = Field(None, description="Until when the link is good; for ever if left out.")


class ShareRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: datetime
    expires_at: datetime | None


class ShareCreated(ShareRead):
    """`token` is told this once. The page's `url` carries it behind a `#`, which no server and no log ever sees."""

    token: str
    url: str


class ShareList(BaseModel):
    items: list[ShareRead]


class SharedDashboard(BaseModel):
    """What a link shows: no more than its widgets and their figures, under the dashboard's own filters."""

    name: str
    widgets: list[Widget]
    filters: DashboardFilters
    updated_at: datetime
