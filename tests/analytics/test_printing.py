"""Dashboards on paper and widgets as pictures: what is on them, read back."""

import io
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from tests.analytics.books import book
from tests.analytics.conftest import Uploader
from tests.analytics.test_dashboards import BY_CITY, DASHBOARDS, SALES, figures, make, widget
from tests.people import Person

BY_DAY = {
    "measures": [{"op": "sum", "column": "Amount", "as": "total"}],
    "group_by": [{"column": "Day"}, {"column": "City"}],
}


@pytest.fixture
async def sales(ada: Person, uploader: Uploader) -> str:
    rows = [[cell if cell != "Tula" else "Тула & <b>" for cell in row] for row in SALES]
    return str((await uploader.dataset(ada, book(rows), "Sales.xlsx"))["id"])


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def colours(png: bytes) -> set[Any]:
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.size == (1280, 720)
    return {colour for _, colour in image.getcolors(maxcolors=2**24) or []}


async def test_a_dashboard_on_paper_has_its_figures_and_filters(ada: Person, sales: str) -> None:
    kinds = ("number", "line", "bar", "stacked", "pie", "table")
    widgets = [
        widget(sales, kind, f"w{n}", **(BY_DAY if kind in ("line", "stacked") else BY_CITY))
        for n, kind in enumerate(kinds)
    ]
    dashboard = await make(ada, name="Продажи & Sales", widgets=widgets, filters={"first": "2024-06-01", "columns": []})
    answer = await ada.get(f"{DASHBOARDS}/{dashboard['id']}/export.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    text = words(answer.content)
    assert "Продажи & Sales" in text
    assert "from 2024-06-01" in text
    shown = (await figures(ada, dashboard, "w2"))["series"][0]["rows"]
    for city, total in shown:
        assert city in text
        assert str(total) in text


@pytest.mark.parametrize(("kind", "query"), [("line", BY_DAY), ("bar", BY_CITY), ("stacked", BY_DAY), ("pie", BY_CITY)])
async def test_a_chart_is_a_picture_with_a_colour_for_each_series(
    kind: str, query: dict[str, Any], ada: Person, sales: str
) -> None:
    dashboard = await make(ada, widgets=[widget(sales, kind, **query)])
    answer = await ada.get(f"{DASHBOARDS}/{dashboard['id']}/widgets/w/export.png")
    assert answer.headers["content-type"] == "image/png"
    series = 1 if kind == "bar" else 3
    expected = [(0x1F, 0x5F, 0xBF), (0xC2, 0x41, 0x0C), (0x15, 0x80, 0x3D)][:series]
    assert set(expected) <= colours(answer.content)


@pytest.mark.parametrize("kind", ["number", "table", "heatmap", "pivot"])
async def test_what_is_no_chart_is_a_picture_of_its_words(kind: str, ada: Person, sales: str) -> None:
    dashboard = await make(ada, widgets=[widget(sales, kind, **BY_CITY)])
    answer = await ada.get(f"{DASHBOARDS}/{dashboard['id']}/widgets/w/export.png")
    assert len(colours(answer.content)) > 2


async def test_nothing_at_all_and_very_much_can_be_printed(ada: Person, uploader: Uploader) -> None:
    rows: list[list[Any]] = [["City", "Amount"], *[[f"City {n} " + "x" * 300, n * 1e6] for n in range(900)]]
    dataset = (await uploader.dataset(ada, book(rows)))["id"]
    none = BY_CITY | {"filters": [{"column": "City", "op": "eq", "value": "nowhere"}]}
    much = BY_CITY | {"limit": 1000}
    kinds = ("line", "bar", "stacked", "pie", "table", "number")
    queries = (none, much)
    widgets = [widget(dataset, kind, f"{kind}{n}", **query) for kind in kinds for n, query in enumerate(queries)]
    dashboard = await make(ada, widgets=widgets)
    answer = await ada.get(f"{DASHBOARDS}/{dashboard['id']}/export.pdf")
    assert answer.status_code == 200
    assert len(pypdfium2.PdfDocument(answer.content)) > 5
    for each in widgets:
        picture = await ada.get(f"{DASHBOARDS}/{dashboard['id']}/widgets/{each['id']}/export.png")
        assert picture.status_code == 200, each["id"]


async def test_nobody_elses_is_printed(ada: Person, bob: Person, sales: str) -> None:
    dashboard = await make(ada, widgets=[widget(sales, **BY_CITY)])
    for path in ("export.pdf", "widgets/w/export.png"):
        assert (await bob.get(f"{DASHBOARDS}/{dashboard['id']}/{path}")).status_code == 404
    assert (await ada.get(f"{DASHBOARDS}/{dashboard['id']}/widgets/nothing/export.png")).status_code == 404
