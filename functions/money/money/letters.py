"""Letters about money that was sent to an address, or asked for: to who has it, or may want to. In English and Russian.

They say who it is by name and handle, if those are not made to look like something else, and nothing else that a stranger wrote.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from common.letters import Letter, Letters, is_plain
from common.mail import Mail
from common.settings import settings

type Situation = Literal["arrived", "waits", "unknown"]
"""Whether it is in an account; waits for one of its currency; or is sent to an address that is nobody's."""

_NOTHING_EN = "If you do not know who that is, there is nothing to do."
_NOTHING_RU = "Если вы не знаете, кто это, ничего делать не нужно."
_OPEN_EN, _OPEN_RU = "Open Artel", "Открыть Artel"

_SENT: dict[Situation, Letters] = {
    "arrived": Letters(
        en=Letter(
            "Money came to your Artel account", ("{who} has sent you {amount}. It is in your account.",), _OPEN_EN
        ),
        ru=Letter(
            "На ваш счёт в Artel пришли деньги",
            ("Вам отправили {amount}. Отправитель: {who}. Деньги уже на счёте.",),
            _OPEN_RU,
        ),
    ),
    "waits": Letters(
        en=Letter(
            "Money is waiting for you in Artel",
            (
                "{who} has sent you {amount}. You have no open account in {currency} yet: open one, and the money is in it.",
                "If you have not done so by {until}, it goes back.",
            ),
            _OPEN_EN,
        ),
        ru=Letter(
            "В Artel вас ждут деньги",
            (
                "Вам отправили {amount}. Отправитель: {who}. Откройте счёт в {currency}, и деньги окажутся на нём.",
                "Если до {until} счёта не появится, деньги вернутся отправителю.",
            ),
            _OPEN_RU,
        ),
    ),
    "unknown": Letters(
        en=Letter(
            "Somebody has sent you money with Artel",
            (
                (
                    "{who} has sent {amount} to this address. To take it, sign up with this address, confirm it, and open an "
                    "account in {currency}: then the money is in it."
                ),
                "If nobody has taken it by {until}, it goes back.",
                _NOTHING_EN,
            ),
            _OPEN_EN,
        ),
        ru=Letter(
            "Вам отправили деньги через Artel",
            (
                (
                    "На этот адрес отправили {amount}. Отправитель: {who}. Чтобы получить их, зарегистрируйтесь с этим "
                    "адресом, подтвердите его и откройте счёт в {currency}: деньги окажутся на нём."
                ),
                "Если до {until} их никто не получит, они вернутся отправителю.",
                _NOTHING_RU,
            ),
            _OPEN_RU,
        ),
    ),
}
_ASKED = Letters(
    en=Letter(
        "You are asked for money in Artel",
        (
            "{who} asks you for {amount}. Until {until} you can pay or decline; without you nothing happens.",
            _NOTHING_EN,
        ),
        _OPEN_EN,
    ),
    ru=Letter(
        "У вас просят деньги в Artel",
        (
            "У вас просят {amount}. Просит: {who}. До {until} можно заплатить или отказать; без вас ничего не произойдёт.",
            _NOTHING_RU,
        ),
        _OPEN_RU,
    ),
)
_ASKED_UNKNOWN = Letters(
    en=Letter(
        "Somebody asks you for money with Artel",
        (
            "{who} asks you for {amount}. To answer by {until}, sign up with this address and confirm it.",
            _NOTHING_EN,
        ),
        _OPEN_EN,
    ),
    ru=Letter(
        "У вас просят деньги через Artel",
        (
            "У вас просят {amount}. Просит: {who}. Чтобы ответить до {until}, зарегистрируйтесь с этим адресом и подтвердите его.",
            _NOTHING_RU,
        ),
        _OPEN_RU,
    ),
)


@dataclass(frozen=True, slots=True)
class About:
    """What a letter is about, and to whom. `name`: of the recipient, if there is one."""

    kind: Literal["transfer", "payment_request"]
    address: str
    name: str | None
    locale: str
    situation: Situation
    sender_name: str | None
    sender_handle: str | None
    amount: int
    currency: str
    exponent: int
    expires_at: datetime


def write(about: About) -> Mail:
    letters = _SENT[about.situation]
    if about.kind == "payment_request":
        letters = _ASKED_UNKNOWN if about.situation == "unknown" else _ASKED
    russian = about.locale == "ru"
    words = {
        "who": _who(about, russian=russian),
        "amount": amount(about.amount, about.exponent, about.currency, russian=russian),
        "currency": about.currency,
        "until": f"{about.expires_at:%d.%m.%Y}" if russian else f"{about.expires_at:%d %B %Y}",
    }
    return letters.to(about.address, about.name or "", about.locale, f"{settings().public_url.rstrip('/')}/", **words)


def _who(about: About, *, russian: bool) -> str:
    name = about.sender_name if about.sender_name and is_plain(about.sender_name) else None
    handle = f"@{about.sender_handle}" if about.sender_handle else None
    if name and handle:
        return f"{name} ({handle})"
    return name or handle or ("участник Artel" if russian else "Somebody with an account")


def amount(units: int, exponent: int, currency: str, *, russian: bool = False) -> str:
    """1050 → 10.50 EUR, or 10,50 EUR."""
    whole, rest = divmod(units, 10**exponent)
    point = "," if russian else "."
    return f"{whole}{point}{rest:0{exponent}} {currency}" if exponent else f"{whole} {currency}"
