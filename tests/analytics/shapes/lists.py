"""Sales, prices, logs, timesheets and tables of statistical offices."""

# ruff: noqa: DTZ001 - a workbook knows no time zones

from datetime import datetime, time, timedelta
from typing import Any

import openpyxl

from tests.analytics.books import book, saved
from tests.analytics.shapes import Expected, Shape


def _sales_with_pivot() -> bytes:
    """Data with a grand total; another sheet where somebody pasted the pivot; the same columns in another order."""
    january: list[list[Any]] = [
        ["Order Date", "Region", "Product", "Units", "Unit Price", "Revenue"],
        [datetime(2024, 1, 5), "East", "Pencil", 95, 1.99, 189.05],
        [datetime(2024, 1, 23), "Central", "Binder", 50, 19.99, 999.5],
        [datetime(2024, 1, 30), "East", "Pen", 36, 4.99, 179.64],
        ["Grand Total", None, None, 181, None, 1368.19],
    ]
    february: list[list[Any]] = [
        [" Region ", "Order Date", "Product", "Unit Price", "Units", "Revenue"],
        ["West", datetime(2024, 2, 9), "Pencil", 1.99, 36, 71.64],
        ["East", datetime(2024, 2, 26), "Pen", 19.99, 27, 539.73],
    ]
    pivot: list[list[Any]] = [
        ["Sum of Revenue", "Column Labels"],
        ["Row Labels", "Binder", "Pen", "Pencil", "Grand Total"],
        ["Central", 999.5, None, None, 999.5],
        ["East", None, 719.37, 189.05, 908.42],
        ["West", None, None, 71.64, 71.64],
        ["Grand Total", 999.5, 719.37, 260.69, 1979.56],
    ]
    return book(january, february, pivot, names=["Jan", "Feb", "Pivot"])


def _sensor_log() -> bytes:
    """A logger's file: its own head, a row of units under the names, gaps, faults and Excel's errors."""
    rows: list[list[Any]] = [
        ["Logger:", "TX-200"],
        ["Serial:", "0004711"],
        [],
        ["Timestamp", "Temperature", "Humidity", "Pressure", "Status"],
        [None, "°C", "%", "hPa", None],
    ]
    start = datetime(2024, 7, 1)
    for n in range(96):
        values: list[Any] = [start + timedelta(minutes=15 * n), 20 + n / 8, 40.5, 1013.25 - n / 100, "OK"]
        rows.append(values)
    rows[5 + 10][1] = "ERR"
    rows[5 + 20][2] = None
    rows[5 + 30][3] = "#DIV/0!"
    rows[5 + 30][4] = "FAULT"
    return book(rows, names=["Data"])


def _price_list() -> bytes:
    """A wholesaler's prices: letter head, headings of groups among the rows, articles with leading zeros."""
    rows: list[list[Any]] = [
        ["ООО «Торговый дом»"],
        ["Прайс-лист от 15.05.2024"],
        ["Тел.: +7 (495) 123-45-67"],
        [],
        ["Артикул", "Наименование", "Ед. изм.", "Цена, руб.", "Остаток"],
        ["Чай"],
        ["000123", "Чай чёрный, 100 г", "шт.", "129,90 р.", 40],
        ["000124", "Чай зелёный, 100 г", "шт.", "149,00 р.", 12],
        ["Кофе"],
        ["000201", "Кофе в зёрнах, 1 кг", "шт.", "1 890,00 р.", 7],
        ["000202", "Кофе молотый, 250 г", "шт.", "540,50 р.", 0],
        [],
        ["* Цены указаны с НДС"],
    ]
    return book(rows, names=["Прайс"])


def _timesheet() -> bytes:
    """Days as names of columns under a merged month; letters for absences; a total column that belongs to the table."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "May"
    sheet.append(["Timesheet"])
    sheet.append(["Department:", "Assembly"])
    sheet.append([])
    sheet.append(["Employee", "No.", *range(1, 8), "Hours"])
    sheet.append(["Ann Lee", "E001", 8, 8, 8, "V", "V", None, None, 24])
    sheet.append(["Bo Kim", "E002", 8, 8, 7.5, 8, 8, None, None, 39.5])
    sheet.append(["Cy Roe", "E003", "S", "S", 8, 8, 8, 4, None, 28])
    sheet.merge_cells("A1:J1")
    return saved(workbook)


def _clock_times() -> bytes:
    """Real times and durations, one across midnight."""
    return book(
        [
            ["Date", "Employee", "In", "Out", "Break", "Worked"],
            [datetime(2024, 5, 2), "Ann Lee", time(9, 0), time(17, 30), time(0, 30), timedelta(hours=8)],
            [datetime(2024, 5, 3), "Ann Lee", time(8, 45), time(17, 0), time(0, 45), timedelta(hours=7, minutes=30)],
            [datetime(2024, 5, 3), "Bo Kim", time(22, 0), time(6, 15), time(0, 30), timedelta(hours=7, minutes=45)],
        ],
        names=["Log"],
    )


def _plan_and_fact() -> bytes:
    """Quarters over months over plan and fact: merged names three deep."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "План-факт"
    sheet.append(["Подразделение", "I квартал", None, None, None, "II квартал", None, None, None])
    sheet.append([None, "Январь", None, "Февраль", None, "Апрель", None, "Май", None])
    sheet.append([None, *["План", "Факт"] * 4])
    sheet.append(["Север", 100, 98, 110, 120, 90, 95, 100, 101])
    sheet.append(["Юг", 200, 210, 190, 185, 205, 199, 210, 220])
    sheet.append(["Итого", 300, 308, 300, 305, 295, 294, 310, 321])
    for merged in ("A1:A3", "B1:E1", "F1:I1", "B2:C2", "D2:E2", "F2:G2", "H2:I2"):
        sheet.merge_cells(merged)
    return saved(workbook)


def _world_indicators() -> bytes:
    """A development bank's download: two lines of provenance, years as names, many blanks, a sheet about the countries."""
    years = [str(year) for year in range(2015, 2021)]
    data: list[list[Any]] = [
        ["Data Source", "World Development Indicators"],
        ["Last Updated Date", datetime(2024, 3, 28)],
        [],
        ["Country Name", "Country Code", "Indicator Name", "Indicator Code", *years],
        ["Aruba", "ABW", "Population, total", "SP.POP.TOTL", 107906, 108727, 108735, 108908, 109203, 108587],
        ["Andorra", "AND", "Population, total", "SP.POP.TOTL", 71746, 72540, 73837, 75013, 76343, 77700],
        ["Not classified", "INX", "Population, total", "SP.POP.TOTL", *[None] * 6],
    ]
    countries: list[list[Any]] = [
        ["Country Code", "Region", "IncomeGroup", "SpecialNotes"],
        ["ABW", "Latin America & Caribbean", "High income", None],
        ["AND", "Europe & Central Asia", "High income", "Fiscal year ends on December 31."],
    ]
    return book(data, countries, names=["Data", "Metadata - Countries"])


def _survey() -> bytes:
    """A form's answers: long questions as names, a moment each, several lines in a cell, scales and free text."""
    question = "How likely are you to recommend us to a friend or colleague?\n(0 = not at all, 10 = very likely)"
    return book(
        [
            ["Timestamp", "Email Address", question, "What should we improve?", "Newsletter?"],
            [datetime(2024, 6, 1, 9, 30, 15), "ann@example.org", 9, "Nothing.\nReally!", "Yes"],
            [datetime(2024, 6, 1, 11, 2, 40), "bo@example.org", 7, None, "No"],
            [datetime(2024, 6, 2, 16, 45, 1), "cy@example.org", 10, "More cowbell", "Yes"],
        ],
        names=["Form Responses 1"],
    )


def _stacked_tables() -> bytes:
    """A report with two tables under each other and notes of its own to each."""
    return book(
        [
            ["Branch report, May 2024"],
            [],
            ["Branch", "Sales", "Staff"],
            ["Riga", 1200.5, 4],
            ["Vilnius", 980, 3],
            ["Total", 2180.5, 7],
            [],
            [],
            ["Employee", "Branch", "Hired", "Salary"],
            ["Ann", "Riga", datetime(2020, 1, 15), 2100],
            ["Bo", "Riga", datetime(2021, 6, 1), 1900],
            ["Cy", "Vilnius", datetime(2019, 3, 11), 2300.75],
            [],
            ["Salaries are gross."],
        ],
        names=["Report"],
    )


def _regions() -> bytes:
    """A statistical office's table: footnote marks, dashes for nothing, figures of many kinds, notes below."""
    return book(
        [
            ["Численность населения по регионам¹"],
            ["(на 1 января; тысяч человек)"],
            [None, 2021, 2022, 2023],
            ["Российская Федерация", 147182.1, 146980.1, 146447.4],
            ["Белгородская область", 1541.3, 1531.9, 1514.5],
            ["Брянская область", 1182.7, 1168.8, "…"],
            ["Владимирская область", 1342.1, 1323.7, 1325.5],
            ["Воронежская область", 2305.6, 2287.7, 2285.3],
            [],
            ["¹ Без учёта временно отсутствующих."],
        ],
        names=["1.1"],
    )


SALES = {
    "Order Date": "date",
    "Region": "text",
    "Product": "text",
    "Units": "integer",
    "Unit Price": "decimal",
    "Revenue": "decimal",
    "_sheet": "text",
}
SHAPES = [
    Shape(
        "sales with totals and a pivot",
        _sales_with_pivot,
        [
            Expected(
                ["Jan", "Feb"],
                SALES,
                rows=5,
                refused=1,
                sums={"Units": "244", "Revenue": "1979.56"},
                last=["2024-02-26", "East", "Pen", "27", "19.99", "539.73", "Feb"],
            ),
            Expected(
                ["Pivot"],
                {
                    "Row Labels": "text",
                    "Binder": "decimal",
                    "Pen": "decimal",
                    "Pencil": "decimal",
                    "Grand Total": "decimal",
                },
                rows=3,
                refused=1,
                sums={"Grand Total": "1979.56"},
            ),
        ],
        [("A5", "Grand Total"), ("A6", "Grand Total")],
    ),
    Shape(
        "sensor log",
        _sensor_log,
        [
            Expected(
                ["Data"],
                {
                    "Timestamp": "datetime",
                    "Temperature °C": "decimal",
                    "Humidity %": "decimal",
                    "Pressure hPa": "decimal",
                    "Status": "text",
                },
                rows=96,
                sums={"Temperature °C": "2468.750", "Humidity %": "3847.5", "Pressure hPa": "96213.45"},
                first=["2024-07-01 00:00:00", "20", "40.5", "1013.25", "OK"],
            )
        ],
        [("B16", "ERR"), ("D36", "#DIV/0!")],
    ),
    Shape(
        "price list",
        _price_list,
        [
            Expected(
                ["Прайс"],
                {
                    "Артикул": "text",
                    "Наименование": "text",
                    "Ед. изм.": "text",
                    "Цена, руб.": "decimal",
                    "Остаток": "integer",
                },
                rows=6,
                refused=1,
                sums={"Цена, руб.": "2709.40", "Остаток": "59"},
                first=["Чай", None, None, None, None],
                last=["000202", "Кофе молотый, 250 г", "шт.", "540.50", "0"],
            )
        ],
        [("A13", "* Цены указаны с НДС")],
    ),
    Shape(
        "timesheet",
        _timesheet,
        [
            Expected(
                ["May"],
                {
                    "Employee": "text",
                    "No.": "text",
                    "1": "text",
                    "2": "text",
                    "3": "decimal",
                    "4": "text",
                    "5": "text",
                    "6": "integer",
                    "7": "text",
                    "Hours": "decimal",
                },
                rows=3,
                sums={"Hours": "91.5", "3": "23.5"},
            )
        ],
    ),
    Shape(
        "clock times",
        _clock_times,
        [
            Expected(
                ["Log"],
                {"Date": "date", "Employee": "text", "In": "time", "Out": "time", "Break": "time", "Worked": "integer"},
                rows=3,
                sums={"Worked": "83700"},
                last=["2024-05-03", "Bo Kim", "22:00:00", "06:15:00", "00:30:00", "27900"],
            )
        ],
    ),
    Shape(
        "plan and fact",
        _plan_and_fact,
        [
            Expected(
                ["План-факт"],
                {
                    "Подразделение": "text",
                    "I квартал Январь План": "integer",
                    "I квартал Январь Факт": "integer",
                    "I квартал Февраль План": "integer",
                    "I квартал Февраль Факт": "integer",
                    "II квартал Апрель План": "integer",
                    "II квартал Апрель Факт": "integer",
                    "II квартал Май План": "integer",
                    "II квартал Май Факт": "integer",
                },
                rows=2,
                refused=1,
                sums={"I квартал Январь План": "300", "II квартал Май Факт": "321"},
            )
        ],
        [("A6", "Итого")],
    ),
    Shape(
        "development indicators",
        _world_indicators,
        [
            Expected(
                ["Data"],
                {
                    "Country Name": "text",
                    "Country Code": "text",
                    "Indicator Name": "text",
                    "Indicator Code": "text",
                    **{str(year): "integer" for year in range(2015, 2021)},
                },
                rows=3,
                sums={"2015": "179652", "2020": "186287"},
            ),
            Expected(
                ["Metadata - Countries"],
                {"Country Code": "text", "Region": "text", "IncomeGroup": "text", "SpecialNotes": "text"},
                rows=2,
            ),
        ],
    ),
    Shape(
        "survey",
        _survey,
        [
            Expected(
                ["Form Responses 1"],
                {
                    "Timestamp": "datetime",
                    "Email Address": "text",
                    "How likely are you to recommend us to a friend or colleague?"
                    " (0 = not at all, 10 = very likely)": "integer",
                    "What should we improve?": "text",
                    "Newsletter?": "text",
                },
                rows=3,
                first=["2024-06-01 09:30:15", "ann@example.org", "9", "Nothing.\nReally!", "Yes"],
            )
        ],
    ),
    Shape(
        "tables under each other",
        _stacked_tables,
        [
            Expected(
                ["Report"],
                {"Branch": "text", "Sales": "decimal", "Staff": "integer"},
                rows=2,
                refused=1,
                sums={"Sales": "2180.5", "Staff": "7"},
            ),
            Expected(
                ["Report"],
                {"Employee": "text", "Branch": "text", "Hired": "date", "Salary": "decimal"},
                rows=3,
                refused=1,
                sums={"Salary": "6300.75"},
            ),
        ],
        [("A6", "Total"), ("A14", "Salaries are gross.")],
    ),
    Shape(
        "population by region",
        _regions,
        [
            Expected(
                ["1.1"],
                {"Column A": "text", "2021": "decimal", "2022": "decimal", "2023": "decimal"},
                rows=5,
                refused=1,
                sums={"2021": "153553.8", "2023": "151572.7"},
            )
        ],
        [("D6", "…"), ("A10", "¹ Без учёта временно отсутствующих.")],
    ),
]
