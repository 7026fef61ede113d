"""Dates typed as text: read where the cells leave one reading, kept where they leave two."""

import pytest

from tests.analytics.books import book, read


@pytest.mark.parametrize(
    ("texts", "kind", "first"),
    [
        (["03/04/2024", "12/13/2024"], "date", "2024-03-04"),
        (["03/04/2024", "13/12/2024"], "date", "2024-04-03"),
        (["3/4/2024 1:05 PM", "12/31/2024 12:00 AM"], "datetime", "2024-03-04 13:05:00"),
        (["31/12/2024 23:59:59", "01/02/2024 00:00:00"], "datetime", "2024-12-31 23:59:59"),
        (["05.02.2024 10:33", "06.02.2024 00:00"], "datetime", "2024-02-05 10:33:00"),
        (["2024-01-01T00:30:00+03:00", "2024-01-01T00:30:00Z"], "datetime", "2023-12-31 21:30:00"),
        (["2024-01-01 00:30:00.25 UTC"], "datetime", "2024-01-01 00:30:00.250000"),
    ],
)
def test_dates_typed_as_text_whose_reading_the_cells_settle(texts: list[str], kind: str, first: str) -> None:
    reading = read(book([["When", "n"], *[[text, 1] for text in texts]]))
    assert reading.types["When"] == kind
    assert reading.rows[0][0] == first


@pytest.mark.parametrize(
    "texts", [["03/04/2024", "05/06/2024"], ["13/04/2024", "04/13/2024"], ["1/2/24", "3/4/24"], ["vmx-15", "vmx-16"]]
)
def test_dates_that_could_be_others_stay_text(texts: list[str]) -> None:
    reading = read(book([["When", "n"], *[[text, 1] for text in texts]]))
    assert reading.types["When"] == "text"
    assert [row[0] for row in reading.rows] == texts


def test_doubtful_dates_are_said_to_be() -> None:
    column = read(book([["When", "n"], ["03/04/2024", 1], ["05/06/2024", 2]])).table.columns[0]
    assert column.type.note == "dates of which no cell tells whether the day or the month comes first are kept as text"
