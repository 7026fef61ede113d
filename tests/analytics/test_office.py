"""What Excel's readers other than ours make of an exported dashboard: LibreOffice, without a window."""

import csv
import io
import json
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.analytics.books import book
from tests.analytics.conftest import Uploader
from tests.analytics.test_dashboards import BY_CITY, DASHBOARDS, figures, make, widget
from tests.people import Person

SOFFICE = shutil.which("soffice")
_EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
"""Commas, quotes, UTF-8, and the cells' contents rather than what is shown of them."""


@pytest.fixture
def office(tmp_path: Path) -> Any:
    if SOFFICE is None:
        pytest.skip("There is no LibreOffice: install Debian's `libreoffice-calc-nogui`.")

    def sheets(workbook: bytes) -> dict[str, list[list[str]]]:
        file = tmp_path / "export.xlsx"
        file.write_bytes(workbook)
        command = [str(SOFFICE), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
        command += ["--convert-to", _EVERY_SHEET, "--outdir", str(tmp_path), str(file)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        read = {}
        for each in sorted(tmp_path.glob("export-*.csv")):
            with each.open(encoding="utf-8", newline="") as lines:
                read[each.stem.removeprefix("export-")] = list(csv.reader(lines))
        return read

    return sheets


ROWS: list[list[Any]] = [
    ["City", "Amount", "Weight"],
    ["Oslo", 0.1, 1.25],
    ["Oslo", 0.2, 1e-7],
    ["Riga", 123456789012.75, 2.5],
    ["+1; -y", 0.01, 0.3333333333333333],
    ["Tula", 99999.99, 12345.678901],
]


async def test_libreoffice_reads_the_figures_of_the_page_and_runs_nothing(
    ada: Person, uploader: Uploader, office: Any
) -> None:
    dataset = (await uploader.dataset(ada, book(ROWS)))["id"]
    weights = BY_CITY | {"measures": [{"op": "sum", "column": "Weight", "as": "total"}]}
    widgets = [widget(dataset, **BY_CITY), widget(dataset, "line", "v", **weights) | {"title": "By weight"}]
    dashboard = await make(ada, widgets=widgets)
    exported = await ada.get(f"{DASHBOARDS}/{dashboard['id']}/export.xlsx")
    sheets = office(exported.content)
    assert list(sheets) == ["By city", "By weight"]
    for name, identifier in (("By city", "w"), ("By weight", "v")):
        shown = [tuple(row) for row in (await figures(ada, dashboard, identifier))["series"][0]["rows"]]
        assert [(city, Decimal(amount)) for city, amount, *_ in sheets[name][4:]] == shown
        assert ("+1; -y") in dict(shown)
        path = f"{DASHBOARDS}/{dashboard['id']}/widgets/{identifier}/export.csv"
        lines = list(csv.reader((await ada.get(path)).content.decode("utf-8-sig").splitlines()))
        assert [Decimal(line[1]) for line in lines[1:]] == [amount for _, amount in shown]


async def test_libreoffice_reads_every_widget_of_a_dashboard_that_made_itself(
    ada: Person, uploader: Uploader, office: Any
) -> None:
    await uploader.dataset(ada, book(ROWS))
    dashboard = (await ada.get(DASHBOARDS)).json()["items"][0]
    whole = (await ada.get(f"{DASHBOARDS}/{dashboard['id']}")).json()
    workbook = (await ada.get(f"{DASHBOARDS}/{dashboard['id']}/export.xlsx")).content
    sheets, names = office(workbook), openpyxl.load_workbook(io.BytesIO(workbook)).sheetnames
    assert set(sheets) == set(names)
    for each, name in zip(whole["widgets"], names, strict=True):
        data = await ada.get(f"{DASHBOARDS}/{dashboard['id']}/widgets/{each['id']}/data")
        shown = json.loads(data.content, parse_float=Decimal)["series"][0]["rows"]
        numbers = [cell for row in shown for cell in row if isinstance(cell, (int, Decimal))]
        read = [cell for row in sheets[name][4:] for cell in row]
        assert [Decimal(cell) for cell in read if _is_number(cell)] == numbers


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).replace("E-", "", 1).isdecimal()
