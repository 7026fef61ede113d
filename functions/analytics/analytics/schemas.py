"""What goes over the wire, uploads and datasets; queries have schemas of their own in `query_schemas`."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from analytics.column_schemas import ColumnRead, Label
from common.schemas import Strict

Filename = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/\\]+$")]


class UploadCreate(Strict):
    """`size` is in bytes."""

    filename: Filename
    size: Annotated[int, Field(ge=1)]
    replaces: Annotated[
        UUID | None,
        Field(description="A dataset whose workbook this one is to be from now on: its dashboards and shares stay."),
    ] = None


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
    name: Label


class UploadRead(UploadSummary):
    """`problems` are the first thousand."""

    problems: list[CellProblem]


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
    """`reading`: its workbook is read again by what was told of its columns; the upload says how far that is."""

    id: UUID
    name: str
    upload_id: UUID
    created_at: datetime
    problems_count: int
    notes: list[str]
    reading: bool
    tables: list[TableRead]
