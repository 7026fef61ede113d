"""What goes over the wire, uploads and datasets; queries have schemas of their own in `query_schemas`."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from common.schemas import Strict

Filename = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/\\]+$")]


class UploadCreate(Strict):
    """`size` is in bytes."""

    filename: Filename
    size: Annotated[int, Field(ge=1)]


class UploadCreated(BaseModel):
    """Send `fields` and then the file, as `file`, in one multipart/form-data POST to `url`."""

    id: UUID
    url: str
    fields: dict[str, str]


class CellProblem(BaseModel):
    """A cell left blank or a row left out, by the workbook's own names; the original value, and why."""

    model_config = ConfigDict(from_attributes=True)

    sheet: str
    cell: str
    value: str
    reason: str


class UploadSummary(BaseModel):
    """`percent` and the row counts grow while `state` is "processing"; `error` is for people, set when it is "failed"."""

    id: UUID
    filename: str
    state: Literal["waiting", "processing", "done", "failed"]
    percent: int
    rows_read: int
    rows_refused: int
    problems_count: int
    dataset_id: UUID | None
    error: str | None
    created_at: datetime


class DatasetUpdate(Strict):
    name: Annotated[
        str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$")
    ]


class UploadRead(UploadSummary):
    """`problems` are the first thousand."""

    problems: list[CellProblem]


class TopValue(BaseModel):
    value: Any
    count: int


class Bin(BaseModel):
    """From `start` up to `end`, which belongs to the next bin but for the last."""

    start: float
    end: float
    count: int


class Profile(BaseModel):
    """`count` cells with a value, `nulls` without. Numbers have mean, quantiles and histogram; top values are the ten most frequent."""

    count: int
    nulls: int
    distinct: int
    min: Any
    max: Any
    mean: float | None
    quantiles: dict[str, float] | None
    top: list[TopValue]
    histogram: list[Bin] | None


class ColumnRead(BaseModel):
    """`name` is what queries call it. `note` says what was assumed about its cells."""

    name: str
    title: str
    type: Literal["integer", "decimal", "float", "text", "boolean", "date", "datetime", "time"]
    role: Literal["measure", "dimension", "identifier", "time"]
    note: str | None
    profile: Profile


class TableRead(BaseModel):
    """From one sheet, or from several whose tables have the same columns; then the column `_sheet` says which."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    sheets: list[str]
    hidden: bool
    rows: int
    rows_refused: int
    notes: list[str]
    columns: list[ColumnRead]


class TableSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    rows: int


class DatasetSummary(BaseModel):
    id: UUID
    name: str
    created_at: datetime
    problems_count: int
    tables: list[TableSummary]


class DatasetRead(BaseModel):
    id: UUID
    name: str
    upload_id: UUID
    created_at: datetime
    problems_count: int
    notes: list[str]
    tables: list[TableRead]
