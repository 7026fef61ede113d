"""Amounts are minor units; `exponent` is where their decimal point goes."""

from datetime import date

from pydantic import BaseModel, Field


class MoneyPeriod(BaseModel):
    """`balance` is the period's last."""

    day: date = Field(description="The first day of the period, UTC.")
    currency: str
    exponent: int
    inflow: int
    outflow: int
    balance: int


class MoneySummary(BaseModel):
    """Periods in which nothing moved are not listed."""

    items: list[MoneyPeriod]


class MoneyKind(BaseModel):
    """What transactions of one kind moved."""

    kind: str
    currency: str
    exponent: int
    inflow: int
    outflow: int


class MoneyKinds(BaseModel):
    items: list[MoneyKind]


class Turnover(BaseModel):
    """What left people's accounts (`turnover`), came in from and went out to the world, and was earned in fees."""

    day: date = Field(description="The first day of the period, UTC.")
    currency: str
    exponent: int
    turnover: int
    deposits: int
    withdrawals: int
    fees: int
    active_people: int = Field(description="How many people's accounts of this currency moved.")


class TurnoverList(BaseModel):
    items: list[Turnover]


class MoneyCohort(BaseModel):
    """People whose money first moved in a month. `active[n]`: how many of them moved some n months later."""

    month: date = Field(description="Its first day, UTC.")
    people: int
    active: list[int]


class MoneyCohorts(BaseModel):
    items: list[MoneyCohort]
