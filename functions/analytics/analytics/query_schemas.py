"""A question to a dataset, as data: what is built from it is valid by construction, and charts can keep it."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, PlainSerializer, StringConstraints, model_validator

from common.schemas import Strict

Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]


def _as_json(number: Decimal) -> int | float:
    """A number and not text, which would be a column's name when a stored query is read again. JSON's numbers came as floats."""
    return int(number) if number == number.to_integral_value() else float(number)


Number = Annotated[
    Decimal,
    Field(max_digits=30, decimal_places=10, allow_inf_nan=False),
    PlainSerializer(_as_json, when_used="json"),
]
Scalar = bool | int | Decimal | str

type Operand = Name | Number | Operation


class Operation(Strict):
    """Exactly one operator over columns (by name), numbers and further operations: {"multiply": ["Quantity", "Price"]}."""

    add: list[Operand] | None = Field(None, min_length=2, max_length=8)
    subtract: list[Operand] | None = Field(None, min_length=2, max_length=2)
    multiply: list[Operand] | None = Field(None, min_length=2, max_length=8)
    divide: list[Operand] | None = Field(None, min_length=2, max_length=2)

    @model_validator(mode="after")
    def _one_operator(self) -> Self:
        if len(self.model_fields_set) != 1 or next(iter(self.model_fields_set)) not in self.given:
            raise ValueError("an expression has exactly one of add, subtract, multiply, divide")
        return self

    @property
    def given(self) -> dict[str, list[Operand]]:
        operators = {"add": self.add, "subtract": self.subtract, "multiply": self.multiply, "divide": self.divide}
        return {name: operands for name, operands in operators.items() if operands is not None}


class Measure(Strict):
    """A number per group. `count` without a column counts rows; `distinct` counts different values."""

    op: Literal["sum", "avg", "min", "max", "count", "distinct", "median"]
    column: Name | None = None
    expression: Operation | None = None
    label: Name | None = Field(None, alias="as")

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if self.column is not None and self.expression is not None:
            raise ValueError("a measure has a column or an expression, not both")
        if self.column is None and self.expression is None and self.op != "count":
            raise ValueError("this measure needs a column or an expression")
        return self

    @property
    def output(self) -> str:
        return self.label or (f"{self.op} {self.column}" if self.column else self.op)


class GroupBy(Strict):
    """`grain` cuts a date to the first day of its week (from Monday), month, quarter or year."""

    column: Name
    grain: Literal["day", "week", "month", "quarter", "year"] | None = None
    label: Name | None = Field(None, alias="as")

    @property
    def output(self) -> str:
        return self.label or self.column


class Filter(Strict):
    """`value` is a list for `in`, text for `contains` (case does not matter), and true or false for `is_null`."""

    column: Name
    op: Literal["eq", "ne", "lt", "lte", "gt", "gte", "in", "contains", "is_null"]
    value: Scalar | Annotated[list[Scalar], Field(max_length=1000)] | None = None


class OrderBy(Strict):
    """`column` is one of the result's."""

    column: Name
    direction: Literal["asc", "desc"] = "asc"


class DatasetQuery(Strict):
    """Without `table` or `tables`, the one table that has all the columns. A sheet's name stands for its part of a table."""

    table: Name | None = None
    tables: Annotated[list[Name], Field(min_length=1, max_length=50)] | None = None
    measures: Annotated[list[Measure], Field(default_factory=list, max_length=50)]
    group_by: Annotated[list[GroupBy], Field(default_factory=list, max_length=10)]
    filters: Annotated[list[Filter], Field(default_factory=list, max_length=50)]
    order_by: Annotated[list[OrderBy], Field(default_factory=list, max_length=10)]
    limit: Annotated[int, Field(ge=1, le=50_000)] = 1_000

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.measures and not self.group_by:
            raise ValueError("a query needs a measure or a group")
        if self.table is not None and self.tables is not None:
            raise ValueError("give table or tables, not both")
        folded = [output.casefold() for output in self.outputs]
        if len(folded) != len(set(folded)):
            raise ValueError("two results have the same name: tell them apart with `as`")
        return self

    @property
    def outputs(self) -> list[str]:
        """Names of the result's columns, in order."""
        return [group.output for group in self.group_by] + [measure.output for measure in self.measures]


class RowsQuery(Strict):
    """Which rows of a table. `sort` is a column, with a minus before it the other way round; blanks come last."""

    columns: Annotated[list[Name], Field(default_factory=list, max_length=100)]
    filters: Annotated[list[Filter], Field(default_factory=list, max_length=50)]
    sort: Annotated[str, StringConstraints(min_length=1, max_length=301)] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class ResultColumn(BaseModel):
    name: str
    type: str


class QueryResult(BaseModel):
    """Decimals are JSON numbers with all their digits. `truncated` says that there are more rows than `limit`."""

    columns: list[ResultColumn]
    rows: list[list[Any]]
    truncated: bool


class RowPage(BaseModel):
    """The first columns say where a row stands: `_sheet` if the table is from several, and `_row`, its number there."""

    columns: list[ResultColumn]
    rows: list[list[Any]]
    next_cursor: str | None
