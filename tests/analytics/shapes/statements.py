"""Bank statements and financial statements."""

# ruff: noqa: DTZ001 - a workbook knows no time zones

from datetime import datetime
from typing import Any

import openpyxl

from tests.analytics.books import book, saved
from tests.analytics.shapes import Expected, Shape


def _russian_bank() -> bytes:
    """As internet banks for companies export it: a form above, two header rows with merged cells, turnovers below."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Выписка"
    rows: list[list[Any]] = [
        ["ВЫПИСКА ПО СЧЕТУ"],
        ["Счет:", "40702810900000012345"],
        ["Период:", "01.03.2024 — 31.03.2024"],
        ["Входящий остаток:", "125 000,00"],
        [],
        ["Дата", "№ док.", "Контрагент", None, "Сумма", None, "Назначение платежа"],
        [None, None, "Наименование", "ИНН", "Дебет", "Кредит", None],
        ["01.03.2024", "000017", 'ООО "Ромашка"', "7701234567", "12 500,00", None, "Оплата по счету 12"],
        ["04.03.2024", "000018", "ИП Иванов И. И.", "500100732259", None, "48 300,50", "Аванс по договору"],
        ["04.03.2024", "000019", "УФК по г. Москве", "7727406020", "1 204,10", None, "Налог"],
        ["11.03.2024", "000020", 'АО "Связь"', "7707049388", "899,99", None, "Интернет"],
        ["29.03.2024", "000021", 'ООО "Ромашка"', "7701234567", None, "1 000 000,00", "Возврат займа"],
        ["Итого оборотов:", None, None, None, "14 604,09", "1 048 300,50", None],
        [],
        ["Исходящий остаток: 1 158 696,41"],
    ]
    for row in rows:
        sheet.append(row)
    for merged in ("A1:G1", "A6:A7", "B6:B7", "C6:D6", "E6:F6", "G6:G7"):
        sheet.merge_cells(merged)
    return saved(workbook)


def _english_bank() -> bytes:
    """A card's export: dates as American text, which a 13th month gives away, and accountants' negative numbers."""
    return book(
        [
            ["Transaction Date", "Post Date", "Description", "Category", "Type", "Amount", "Balance"],
            ["03/04/2024", "03/05/2024", "COFFEE HOUSE #12", "Food & Drink", "Sale", "($4.50)", "$1,995.50"],
            ["03/06/2024", "03/07/2024", "PAYROLL ACME", "Income", "Deposit", "$2,150.00", "$4,145.50"],
            ["03/09/2024", "03/11/2024", "GROCERY MART", "Groceries", "Sale", "($86.13)", "$4,059.37"],
            ["03/13/2024", "03/14/2024", "COFFEE HOUSE #12", "Food & Drink", "Return", "$4.50", "$4,063.87"],
        ],
        names=["Activity"],
    )


def _income_statement() -> bytes:
    """As annual reports give it: units in the title, years as names, headings without figures between the lines."""
    return book(
        [
            ["Acme Holdings, Inc."],
            ["CONSOLIDATED STATEMENTS OF OPERATIONS"],
            ["(In millions, except per share amounts)"],
            [],
            [None, "2023", "2022", "2021"],
            ["Net sales:"],
            ["  Products", 298085, 316199, 297392],
            ["  Services", 85200, 78129, 68425],
            ["Total net sales", 383285, 394328, 365817],
            ["Cost of sales:"],
            ["  Products", 189282, 201471, 192266],
            ["  Services", 24855, 22075, 20715],
            ["Gross margin", 169148, 170782, 152836],
            ["Basic earnings per share", 6.16, 6.15, 5.67],
        ],
        names=["Income"],
    )


def _trial_balance() -> bytes:
    """Three levels of names over merged cells, as accounting programs print a turnover sheet."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "ОСВ"
    rows: list[list[Any]] = [
        ["ООО «Пример»"],
        ["Оборотно-сальдовая ведомость за 1 квартал 2024 г."],
        [],
        ["Счет", "Наименование", "Сальдо на начало", None, "Обороты за период", None, "Сальдо на конец", None],
        [None, None, "Дебет", "Кредит", "Дебет", "Кредит", "Дебет", "Кредит"],
        ["01", "Основные средства", 500000, None, 120000.5, None, 620000.5, None],
        ["02", "Амортизация", None, 80000, None, 12500.25, None, 92500.25],
        ["51", "Расчетные счета", 250000.1, None, 990000, 870000.3, 369999.8, None],
        ["60", "Расчеты с поставщиками", None, 670000.1, 749999.8, 977499.75, None, 897500.05],
        ["Итого", None, 750000.1, 750000.1, 1860000.3, 1860000.3, 990000.3, 990000.3],
    ]
    for row in rows:
        sheet.append(row)
    for merged in ("A1:H1", "A2:H2", "A4:A5", "B4:B5", "C4:D4", "E4:F4", "G4:H4"):
        sheet.merge_cells(merged)
    return saved(workbook)


def _payouts() -> bytes:
    """A payment provider's export: identifiers, moments in UTC as text, amounts with eight places."""
    rows: list[list[Any]] = [["id", "Created (UTC)", "Currency", "Amount", "Fee", "Status", "Automatic"]]
    for n in range(1, 13):
        moment = datetime(2024, 1, n, 10, n, 59).isoformat(sep=" ")
        rows.append(
            [f"po_1A{n:04d}", moment, "btc" if n % 2 else "eth", f"0.{n:08d}", round(0.1 * n, 1), "paid", n != 3]
        )
    return book(rows, names=["payouts"])


SHAPES = [
    Shape(
        "Russian bank statement",
        _russian_bank,
        [
            Expected(
                ["Выписка"],
                {
                    "Дата": "date",
                    "№ док.": "text",
                    "Контрагент Наименование": "text",
                    "Контрагент ИНН": "text",
                    "Сумма Дебет": "decimal",
                    "Сумма Кредит": "decimal",
                    "Назначение платежа": "text",
                },
                rows=5,
                refused=2,
                sums={"Сумма Дебет": "14604.09", "Сумма Кредит": "1048300.50"},
                first=[
                    "2024-03-01",
                    "000017",
                    'ООО "Ромашка"',
                    "7701234567",
                    "12500.00",
                    None,
                    "Оплата по счету 12",
                ],
            )
        ],
        [("A13", "Итого оборотов:"), ("A15", "Исходящий остаток: 1 158 696,41")],
    ),
    Shape(
        "English bank export",
        _english_bank,
        [
            Expected(
                ["Activity"],
                {
                    "Transaction Date": "date",
                    "Post Date": "date",
                    "Description": "text",
                    "Category": "text",
                    "Type": "text",
                    "Amount": "decimal",
                    "Balance": "decimal",
                },
                rows=4,
                sums={"Amount": "2063.87", "Balance": "14264.24"},
                first=["2024-03-04", "2024-03-05", "COFFEE HOUSE #12", "Food & Drink", "Sale", "-4.50", "1995.50"],
            )
        ],
    ),
    Shape(
        "income statement",
        _income_statement,
        [
            Expected(
                ["Income"],
                {"Column A": "text", "2023": "decimal", "2022": "decimal", "2021": "decimal"},
                rows=8,
                refused=1,
                sums={"2023": "766576.16"},
                first=["Net sales:", None, None, None],
            )
        ],
        [("A9", "Total net sales")],
    ),
    Shape(
        "turnover sheet",
        _trial_balance,
        [
            Expected(
                ["ОСВ"],
                {
                    "Счет": "text",
                    "Наименование": "text",
                    "Сальдо на начало Дебет": "decimal",
                    "Сальдо на начало Кредит": "decimal",
                    "Обороты за период Дебет": "decimal",
                    "Обороты за период Кредит": "decimal",
                    "Сальдо на конец Дебет": "decimal",
                    "Сальдо на конец Кредит": "decimal",
                },
                rows=4,
                refused=1,
                sums={"Обороты за период Дебет": "1860000.3", "Сальдо на конец Кредит": "990000.30"},
            )
        ],
        [("A10", "Итого")],
    ),
    Shape(
        "payouts",
        _payouts,
        [
            Expected(
                ["payouts"],
                {
                    "id": "text",
                    "Created (UTC)": "datetime",
                    "Currency": "text",
                    "Amount": "decimal",
                    "Fee": "decimal",
                    "Status": "text",
                    "Automatic": "boolean",
                },
                rows=12,
                sums={"Amount": "0.00000078"},
                first=["po_1A0001", "2024-01-01 10:01:59", "btc", "0.00000001", "0.1", "paid", "true"],
            )
        ],
    ),
]
