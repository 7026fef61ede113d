from typing import Any

import pytest

from analytics.column_types import ColumnType, decide
from analytics.conversion import Misfit, converter
from analytics.evidence import Evidence


def decided(*values: Any, title: str = "x") -> ColumnType:
    evidence = Evidence()
    evidence.add(values)
    return decide(evidence, title)


def converted(*values: Any, title: str = "x") -> list[str | None]:
    """A misfit is shown as "!"."""
    write = converter(decided(*values, title=title))
    found: list[str | None] = []
    for value in values:
        try:
            found.append(write(value))
        except Misfit:
            found.append("!")
    return found


def test_numbers_beside_codes_of_their_length_are_identifiers() -> None:
    values = [489434.0 + n for n in range(99)] + ["C489449"]
    assert decided(*values).name == "text"
    assert converted(*values)[0] == "489434"


def test_a_code_column_with_a_word_in_it_is_text() -> None:
    assert decided(85048.0, 22041.0, 21232.0, "POST", title="StockCode").name == "text"


@pytest.mark.parametrize("title", ["CustomerID", "customer_id", "Customer ID", "Артикул", "№", "Номер", "Код товара"])
def test_titles_that_name_identifiers(title: str) -> None:
    assert decided(1.0, 2.0, title=title).role == "identifier"


@pytest.mark.parametrize("title", ["Paid", "Video", "Number of guests", "Идея", "Amount"])
def test_titles_that_do_not(title: str) -> None:
    assert decided(1.0, 2.0, title=title).role == "measure"


def test_a_few_words_among_numbers_are_problems() -> None:
    assert converted(*[float(n) for n in range(99)], "many")[-2:] == ["98", "!"]
    assert converted(1.0, 2.0, 3.0, "many") == ["1", "2", "3", "!"]


def test_many_words_among_numbers_make_text_and_keep_every_value() -> None:
    assert converted(1.0, 2.5, "many", "few") == ["1", "2.5", "many", "few"]


@pytest.mark.parametrize("word", ["n/a", "-", "—", "нет данных", "NULL", "?"])
def test_placeholders_do_not_make_a_column_text(word: str) -> None:
    assert converted(1.0, 2.0, word, 3.0, word) == ["1", "2", "!", "3", "!"]


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1 234,50 р.", "99,90 р.", "5 р."], ["1234.50", "99.90", "5"]),
        (["1\u00a0234,50 ₽", "0,5 ₽"], ["1234.50", "0.5"]),
        (["$1,234.50", "-$5.00", "$7"], ["1234.50", "-5.00", "7"]),
        (["(12.50)", "3.25"], ["-12.50", "3.25"]),
        (["€ 1.234,50", "€ 2"], ["1234.50", "2"]),
        (["12 %", "7,5 %"], ["0.12", "0.075"]),
        (["\u2212 5", "6-"], ["-5", "-6"]),
        (["1 000 000", "2 000"], ["1000000", "2000"]),
        (["1'234.5", "2"], ["1234.5", "2"]),
        ([5.0, "6 руб", 7.5], ["5", "6", "7.5"]),
        (["42", "43"], ["42", "43"]),
    ],
)
def test_numbers_written_as_text_are_numbers_when_the_whole_column_says_so(
    texts: list[Any], numbers: list[str]
) -> None:
    assert decided(*texts).name in ("integer", "decimal")
    assert converted(*texts) == numbers


@pytest.mark.parametrize(
    "texts",
    [
        ["1,234", "5,678"],
        ["5 $", "5 ₽"],
        ["00123", "00456"],
        ["40817810099910004312", "40817810099910004313"],
        ["1-2", "3-4"],
        ["12 Main St", "13 Main St"],
        ["1 2345", "2 3456"],
        ["1.2.3", "4.5.6"],
        ["", " "],
    ],
    ids=str,
)
def test_texts_that_are_no_numbers_stay_as_they_are(texts: list[Any]) -> None:
    assert decided(*texts).name == "text"
    assert converted(*texts) == texts


def test_digits_written_as_text_under_the_title_of_an_identifier_stay_text() -> None:
    assert decided("7707083893", "5024051564", title="ИНН").name == "text"


@pytest.mark.parametrize(
    ("texts", "kind", "first"),
    [
        (["2024-05-01", "2024-05-31"], "date", "2024-05-01"),
        (["2024-05-01 10:30", "2024-05-01T11:00:05"], "datetime", "2024-05-01 10:30:00"),
        (["31.05.2024", "01.06.2024"], "date", "2024-05-31"),
    ],
)
def test_dates_in_one_unmistakable_format_are_dates(texts: list[str], kind: str, first: str) -> None:
    assert decided(*texts).name == kind
    assert converted(*texts)[0] == first


@pytest.mark.parametrize(
    "texts",
    [
        ["vmx-15", "vmx-16"],
        ["01/02/2024", "03/04/2024"],
        ["2024-05-01", "soon", "2024-05-02"],
        ["2024-05", "2024-06"],
        ["1.2.24", "3.4.24"],
        ["May 5", "June 6"],
    ],
    ids=str,
)
def test_no_date_is_guessed(texts: list[str]) -> None:
    assert converted(*texts) == texts


def test_a_day_that_does_not_exist_is_a_problem() -> None:
    assert converted("2024-02-29", "2023-02-29") == ["2024-02-29", "!"]


def test_decimals_are_the_digits_that_stand_in_the_sheet() -> None:
    assert converted(0.1, 2.675, 1e-7, 1234567.89) == ["0.1", "2.675", "0.0000001", "1234567.89"]
    assert decided(0.1, 2.675).scale == 3


def test_numbers_too_wide_for_a_decimal_are_floats() -> None:
    assert decided(1e30, 1e-20).name == "float"


def test_whole_numbers_beyond_fifteen_digits_are_text() -> None:
    assert converted(4081781009991000, 4081781009991001) == ["4081781009991000", "4081781009991001"]
    assert decided(4081781009991000).name == "text"
    assert decided(40817810099910004312).name == "text"


def test_booleans_with_anything_else_are_text() -> None:
    assert converted(True, "maybe") == ["TRUE", "maybe"]


def test_a_column_of_nothing_is_text() -> None:
    assert decided(None, None).name == "text"
