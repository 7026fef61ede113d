"""The house never loses by rounding: for any rate, spread, amounts and exponents, as the database computes them."""

from decimal import Context, Decimal
from fractions import Fraction

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

_SELL = "SELECT money.bought(%s, %s, %s, %s, %s)"
_BUY = "SELECT money.sold_for(%s, %s, %s, %s, %s)"
_LARGEST = 2**53 - 1

amounts = st.integers(1, _LARGEST) | st.integers(1, 10_000)
exponents = st.sampled_from([0, 2, 3, 4])
rates = st.decimals("0.000000000001", "999999999999", places=12) | st.decimals("0.5", "2", places=3)
spreads = st.just(Decimal(0)) | st.decimals(0, "0.999999", places=6)
EVERY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def owner(owner_connection: psycopg.Connection) -> psycopg.Connection:
    owner_connection.execute("SET ROLE artel_owner")
    return owner_connection


def ask(owner: psycopg.Connection, query: str, *values: object) -> int:
    row = owner.execute(query, values).fetchone()
    assert row is not None
    assert row[0] == int(row[0])
    return int(row[0])


def value(amount: int, exponent: int) -> Fraction:
    """In whole units of its currency."""
    return Fraction(amount, 10**exponent)


def price(rate: Decimal, spread: Decimal, *, inverse: bool) -> tuple[Fraction, Decimal, Decimal]:
    """The middle rate, and the fraction that money.price makes of it, whose products are exact as PostgreSQL's are."""
    kept = 1 - spread
    if inverse:
        return 1 / Fraction(rate), kept, rate
    return Fraction(rate), Context(prec=60).multiply(rate, kept), Decimal(1)


@EVERY
@given(amounts, rates, spreads, st.booleans(), exponents, exponents)
@example(1, Decimal(3), Decimal(0), True, 0, 0)
@example(3, Decimal(3), Decimal(0), True, 0, 0)
@example(_LARGEST, Decimal("0.333333333333"), Decimal("0.000001"), True, 3, 0)
# Less than 7 by so little that a division of 16 digits says 7.
@example(10**9, Decimal("142857142.857142857143"), Decimal(0), True, 0, 0)
def test_selling(
    owner: psycopg.Connection, sold: int, rate: Decimal, spread: Decimal, inverse: bool, sells: int, buys: int
) -> None:
    middle, numerator, denominator = price(rate, spread, inverse=inverse)
    bought = ask(owner, _SELL, sold, numerator, denominator, sells, buys)
    assert value(bought, buys) <= value(sold, sells) * middle
    # And no more is kept than the spread and less than one minor unit.
    fair = value(sold, sells) * middle * (1 - Fraction(spread))
    assert fair - value(bought, buys) < Fraction(1, 10**buys)


@EVERY
@given(amounts, rates, spreads, st.booleans(), exponents, exponents)
@example(1, Decimal(3), Decimal(0), False, 0, 0)
# A little more than 9.
@example(10**9, Decimal("111111111.111111111111"), Decimal(0), False, 0, 0)
def test_buying(
    owner: psycopg.Connection, bought: int, rate: Decimal, spread: Decimal, inverse: bool, sells: int, buys: int
) -> None:
    middle, numerator, denominator = price(rate, spread, inverse=inverse)
    sold = ask(owner, _BUY, bought, numerator, denominator, sells, buys)
    assert sold >= 1
    assert value(bought, buys) <= value(sold, sells) * middle
    fair = value(bought, buys) / (middle * (1 - Fraction(spread)))
    assert value(sold, sells) - fair < Fraction(1, 10**sells)


@EVERY
@given(amounts, rates, spreads, st.booleans(), exponents, exponents, st.booleans())
def test_selling_and_buying_back_never_gains(
    owner: psycopg.Connection,
    sold: int,
    rate: Decimal,
    spread: Decimal,
    inverse: bool,
    sells: int,
    buys: int,
    exactly: bool,
) -> None:
    _, numerator, denominator = price(rate, spread, inverse=inverse)
    _, back_numerator, back_denominator = price(rate, spread, inverse=not inverse)
    bought = ask(owner, _SELL, sold, numerator, denominator, sells, buys)
    if not 1 <= bought <= _LARGEST:
        return
    if exactly:
        # What it takes of the other currency to have all of the first one back is not less than what there is.
        assert ask(owner, _BUY, sold, back_numerator, back_denominator, buys, sells) >= bought
    else:
        assert ask(owner, _SELL, bought, back_numerator, back_denominator, buys, sells) <= sold
