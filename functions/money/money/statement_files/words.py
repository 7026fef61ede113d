"""What statements say, in both languages."""

from dataclasses import dataclass

from money.statement_files.amounts import Language


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    account: str
    number: str
    currency: str
    period: str
    made_at: str
    date: str
    kind: str
    description: str
    counterparty: str
    amount: str
    balance: str
    transaction: str
    opening: str
    incoming: str
    outgoing: str
    closing: str
    totals: str
    details: str
    nothing: str
    unnamed: str
    day_format: str
    kinds: dict[str, str]


_EN = Words(
    title="Account statement",
    account="Account",
    number="Account number",
    currency="Currency",
    period="Period",
    made_at="Made at (UTC)",
    date="Date (UTC)",
    kind="Kind",
    description="Description",
    counterparty="Other side",
    amount="Amount",
    balance="Balance",
    transaction="Transaction",
    opening="Opening balance",
    incoming="Total in",
    outgoing="Total out",
    closing="Closing balance",
    totals="Totals",
    details="Details",
    nothing="Nothing came and nothing went in this period.",
    unnamed="Account in {currency}",
    day_format="%d %b %Y",
    kinds={
        "deposit": "Deposit",
        "withdrawal": "Withdrawal",
        "transfer": "Transfer",
        "capture": "Captured hold",
        "reversal": "Reversal",
        "refund": "Refund",
        "exchange": "Exchange",
        "adjustment": "Adjustment",
        "claim": "Claimed transfer",
        "return": "Returned transfer",
        "suspense": "Unmatched payment",
    },
)
_RU = Words(
    title="Выписка по счёту",
    account="Счёт",
    number="Номер счёта",
    currency="Валюта",
    period="Период",
    made_at="Составлена (UTC)",
    date="Дата (UTC)",
    kind="Операция",
    description="Описание",
    counterparty="Другая сторона",
    amount="Сумма",
    balance="Остаток",
    transaction="Номер операции",
    opening="Входящий остаток",
    incoming="Всего поступило",
    outgoing="Всего списано",
    closing="Исходящий остаток",
    totals="Итого",
    details="Сведения",
    nothing="За этот период ничего не поступало и не списывалось.",
    unnamed="Счёт в {currency}",
    day_format="%d.%m.%Y",
    kinds={
        "deposit": "Пополнение",
        "withdrawal": "Вывод средств",
        "transfer": "Перевод",
        "capture": "Списание по удержанию",
        "reversal": "Отмена перевода",
        "refund": "Возврат",
        "exchange": "Обмен валюты",
        "adjustment": "Исправление",
        "claim": "Полученный перевод",
        "return": "Возврат перевода",
        "suspense": "Невыясненный платёж",
    },
)
WORDS: dict[Language, Words] = {"en": _EN, "ru": _RU}
