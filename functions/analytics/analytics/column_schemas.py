"""What goes over the wire, columns of a dataset."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from common.schemas import Strict

type TypeName = Literal["integer", "decimal", "float", "text", "boolean", "date", "datetime", "time"]
type Role = Literal["measure", "dimension", "identifier", "time"]
Label = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class ColumnUpdate(Strict):
    """What is left out stays; null goes back to what was read. Another type has the workbook read again."""

    title: Label | None = None
    unit: Annotated[Label | None, Field(description="Shown beside figures: kg, €, hours.", max_length=40)] = None
    role: Role | None = None
    type: TypeName | None = None
    date_format: Annotated[
        Literal["YYYY-MM-DD", "DD.MM.YYYY", "MM/DD/YYYY", "DD/MM/YYYY"] | None,
        Field(description="How dates among the cells are typed as text, with or without a time of day behind them."),
    ] = None
    decimal_mark: Annotated[
        Literal["point", "comma"] | None, Field(description="In numbers that are typed as text.")
    ] = None

    @model_validator(mode="after")
    def _of_the_type(self) -> Self:
        if self.date_format is not None and self.type not in ("date", "datetime"):
            raise ValueError("date_format goes with the type date or datetime")
        if self.decimal_mark is not None and self.type not in ("integer", "decimal", "float"):
            raise ValueError("decimal_mark goes with the type integer, decimal or float")
        return self


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
    """`name` is what queries call it, `title` what people do. `note`: what was assumed about its cells; `told`: its type was told."""

    name: str
    title: str
    unit: str | None
    type: TypeName
    role: Role
    told: bool
    note: str | None
    profile: Profile
