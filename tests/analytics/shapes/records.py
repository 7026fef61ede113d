"""Registers, contacts, schedules, and workbooks that were made for the eye."""

from typing import Any

import openpyxl

from tests.analytics.books import book, saved, with_parts
from tests.analytics.shapes import Expected, Shape


def _merged_labels() -> bytes:
    """Regions and years stand once, over all their rows."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Regions"
    rows: list[list[Any]] = [
        ["Sales by region"],
        ["Region", "Year", "Quarter", "Sales"],
        ["North", 2023, "Q1", 10.5],
        [None, None, "Q2", 11],
        [None, 2024, "Q1", 12],
        [None, None, "Q2", 13.25],
        ["South", 2023, "Q1", 20],
        [None, None, "Q2", 21],
    ]
    for row in rows:
        sheet.append(row)
    for merged in ("A1:D1", "A3:A6", "B3:B4", "B5:B6", "A7:A8", "B7:B8"):
        sheet.merge_cells(merged)
    return saved(workbook)


def _real_pivot() -> bytes:
    """Data, and a sheet that Excel's own pivot table fills."""
    data: list[list[Any]] = [["Region", "Sales"], ["East", 5], ["West", 7], ["East", 9]]
    pivot: list[list[Any]] = [["Region", "Sales"], ["East", 14], ["West", 7], ["Grand Total", 21]]
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    part = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="{relations}/pivotTable" Target="../pivotTables/pivotTable1.xml"/></Relationships>"""
    table = b'<pivotTableDefinition xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" name="P"/>'
    parts = {"xl/worksheets/_rels/sheet2.xml.rels": part.encode(), "xl/pivotTables/pivotTable1.xml": table}
    return with_parts(book(data, pivot, names=["Orders", "Summary"]), parts)


def _payments_register() -> bytes:
    """A Russian acquirer's register: moments as text, commission in percent, cards masked, a closing line."""
    return book(
        [
            ["Реестр операций № 45 от 02.02.2024"],
            ["Дата и время", "Карта", "Сумма операции", "Комиссия, %", "К перечислению", "Код авторизации"],
            ["01.02.2024 10:33:05", "220220******1234", "1 500,00", "1,80%", "1 473,00", "005512"],
            ["01.02.2024 11:02:44", "427655******9876", "249,90", "1,80%", "245,40", "771290"],
            ["02.02.2024 00:15:00", "553691******4321", "18 000,00", "1,80%", "17 676,00", "A10C77"],
            ["ИТОГО", None, "19 749,90", None, "19 394,40", None],
        ],
        names=["Реестр"],
    )


def _german_invoices() -> bytes:
    """Decimal commas and thousands' points; days before months; an empty column between."""
    return book(
        [
            ["Rechnungsnr.", "Datum", None, "Kunde", "Netto", "MwSt.", "Brutto"],
            ["2024-001", "15.01.2024", None, "Bäckerei Müller", "1.250,00 €", "19 %", "1.487,50 €"],
            ["2024-002", "31.01.2024", None, "Straßenbau GmbH", "980,50 €", "19 %", "1.166,80 €"],
            ["2024-003", "02.02.2024", None, "Café Öl", "75,00 €", "7 %", "80,25 €"],
            ["Summe", None, None, None, "2.305,50 €", None, "2.734,55 €"],
        ],
        names=["Rechnungen"],
    )


def _contacts() -> bytes:
    """Nothing but words and what must stay words: telephones, postcodes, house numbers, birthdays without a year."""
    return book(
        [
            ["Name", "E-mail", "Phone", "Postcode", "City", "House", "Member since"],
            ["Ann Lee", "ann@example.org", "+371 20000001", "01067", "Dresden", "12a", "May 2019"],
            ["Bo Kim", "bo@example.org", "+371 20000002", "10115", "Berlin", "7", "June 2020"],
            ["Cy Roe", None, None, "04109", "Leipzig", "3-5", "n/a"],
        ],
        names=["Members"],
    )


def _schedule() -> bytes:
    """A tournament: dates over their games, blank rows between the days, names repeated on each day."""
    head = ["Time", "Home", "Away", "Score home", "Score away"]
    return book(
        [
            ["Cup 2024"],
            [],
            head,
            ["18:00", "Reds", "Blues", 2, 1],
            ["20:30", "Greens", "Whites", 0, 0],
            [],
            head,
            ["18:00", "Blues", "Greens", 3, 2],
            ["20:30", "Whites", "Reds", 1, 4],
        ],
        names=["Games"],
    )


def _dirty_export() -> bytes:
    """What a database's export looks like: system names, NULL as a word, booleans as 0 and 1, moments with a zone."""
    return book(
        [
            ["user_id", "created_at", "is_active", "plan", "mrr_usd", "last_seen"],
            [10001, "2024-01-05T10:00:00Z", 1, "pro", 49, "2024-06-01"],
            [10002, "2024-02-11T09:30:00Z", 0, "free", 0, "NULL"],
            [10003, "2024-02-12T23:59:59Z", 1, "pro", 49.99, "2024-06-03"],
            [10004, "2024-03-01T00:00:00Z", 1, "NULL", "NULL", "NULL"],
        ],
        names=["export"],
    )


SHAPES = [
    Shape(
        "merged row labels",
        _merged_labels,
        [
            Expected(
                ["Regions"],
                {"Region": "text", "Year": "integer", "Quarter": "text", "Sales": "decimal"},
                rows=6,
                sums={"Sales": "87.75", "Year": "12140"},
                first=["North", "2023", "Q1", "10.5"],
                last=["South", "2023", "Q2", "21"],
            )
        ],
    ),
    Shape(
        "a real pivot table",
        _real_pivot,
        [
            Expected(["Orders"], {"Region": "text", "Sales": "integer"}, rows=3, sums={"Sales": "21"}),
            Expected(["Summary"], {"Region": "text", "Sales": "integer"}, rows=2, refused=1),
        ],
        [("A4", "Grand Total")],
    ),
    Shape(
        "payments register",
        _payments_register,
        [
            Expected(
                ["Реестр"],
                {
                    "Дата и время": "datetime",
                    "Карта": "text",
                    "Сумма операции": "decimal",
                    "Комиссия, %": "decimal",
                    "К перечислению": "decimal",
                    "Код авторизации": "text",
                },
                rows=3,
                refused=1,
                sums={"Сумма операции": "19749.90", "Комиссия, %": "0.0540"},
                first=["2024-02-01 10:33:05", "220220******1234", "1500.00", "0.0180", "1473.00", "005512"],
            )
        ],
        [("A6", "ИТОГО")],
    ),
    Shape(
        "German invoices",
        _german_invoices,
        [
            Expected(
                ["Rechnungen"],
                {
                    "Rechnungsnr.": "text",
                    "Datum": "date",
                    "Kunde": "text",
                    "Netto": "decimal",
                    "MwSt.": "decimal",
                    "Brutto": "decimal",
                },
                rows=3,
                refused=1,
                sums={"Netto": "2305.50", "Brutto": "2734.55", "MwSt.": "0.45"},
            )
        ],
        [("A5", "Summe")],
    ),
    Shape(
        "contacts",
        _contacts,
        [
            Expected(
                ["Members"],
                dict.fromkeys(["Name", "E-mail", "Phone", "Postcode", "City", "House", "Member since"], "text"),
                rows=3,
                first=["Ann Lee", "ann@example.org", "+371 20000001", "01067", "Dresden", "12a", "May 2019"],
            )
        ],
    ),
    Shape(
        "schedule",
        _schedule,
        [
            Expected(
                ["Games"],
                {"Time": "text", "Home": "text", "Away": "text", "Score home": "integer", "Score away": "integer"},
                rows=4,
                refused=1,
                sums={"Score home": "6", "Score away": "7"},
            )
        ],
        [("A7", "Time")],
    ),
    Shape(
        "database export",
        _dirty_export,
        [
            Expected(
                ["export"],
                {
                    "user_id": "integer",
                    "created_at": "datetime",
                    "is_active": "integer",
                    "plan": "text",
                    "mrr_usd": "decimal",
                    "last_seen": "date",
                },
                rows=4,
                sums={"mrr_usd": "98.99"},
                first=["10001", "2024-01-05 10:00:00", "1", "pro", "49", "2024-06-01"],
            )
        ],
        [("E5", "NULL"), ("F3", "NULL"), ("F5", "NULL")],
    ),
]
