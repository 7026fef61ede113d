"""Who and what `make seed` fills the local stack with. Everything is made up."""

from dataclasses import dataclass, field

PASSWORD = "three spoons and a samovar"  # noqa: S105 - meant to be known
"""Of every example person. They live on one machine only, behind its loopback interface."""


@dataclass(frozen=True)
class Post:
    title: str
    body: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    locale: str
    accounts: dict[str, int] = field(default_factory=dict)
    """Currency → what is paid in, in minor units."""
    posts: tuple[Post, ...] = ()


_WELCOME = """We share a workshop, a van and a bank account. From today we also share **this page**.

* The *wallet* shows who owes whom. Nobody has to remember it any more.
* *Posts* are for anything worth reading twice.
* Drop the sales workbook into *Data* and look at the dashboard before you ask me.
"""
_OVEN = """The new oven holds 250 °C within two degrees. What it taught us in the first week:

1. Preheat for **50 minutes**, not 30.
2. Two trays at most; a third one costs six minutes.
3. Write the hours down, it uses 3.2 kWh for a full batch.

> "It is the first thing here that does what its manual says." — Timur
"""
_MARKET = """Суббота, площадь у вокзала, с 9 до 15.

Берём: хлеб (120 шт.), мёд (40 банок), керамику. Касса — общая, выручку делим **вечером**, переводом в кошельке.

| что | кто |
|---|---|
| палатка | Марина |
| машина | Тимур |
| сдача | Ада |
"""
_GLAZE = """Рецепт, который наконец не течёт: 45 % полевого шпата, 25 % кварца, 20 % мела, 10 % каолина.

Обжиг 1240 °C, выдержка 20 минут. Фотографии будут, когда остынет печь.
"""
_NUMBERS = """I loaded the retail workbook. Three things I did not expect:

- It holds two days, a year apart: 1 December 2009 made 12,909 pounds, 1 December 2010 made 16,728, almost a third more.
- Nine tenths of that come from the United Kingdom. France is next, with 1,282.
- 42 of the 998 rows are returns, worth 598. Sum *quantity* without a filter and you count them against you.

Open the data set, group by country, and see for yourself.
"""
_READING = """`SELECT` is a verb you can learn in an evening. I start from a question — *which day sells best?* — and stop when the answer
surprises me. No book needed, only a table you care about.
"""

PEOPLE = (
    Person(
        "ada@example.com", "Ada Lindqvist", "en", {"EUR": 250_000, "RUB": 1_500_000},
        (Post("What this page is for", _WELCOME, ("news",)), Post("Ask the table", _READING, ("data", "how-to"))),
    ),
    Person(
        "timur@example.com", "Тимур Галеев", "ru", {"EUR": 90_000, "RUB": 4_200_000},
        (Post("Seven days with the new oven", _OVEN, ("bakery", "how-to")),),
    ),
    Person(
        "marina@example.com", "Марина Орлова", "ru", {"RUB": 2_750_000},
        (Post("Ярмарка в субботу", _MARKET, ("ярмарка", "news")), Post("Глазурь, которая не течёт", _GLAZE, ("керамика",))),
    ),
    Person("kenji@example.com", "Kenji Mori", "en", {"EUR": 40_000, "JPY": 300_000}),
    Person(
        "lucia@example.com", "Lucía Ferrer", "en", {"EUR": 130_000},
        (Post("Three surprises in the retail workbook", _NUMBERS, ("data", "news")),),
    ),
)  # fmt: skip

TRANSFERS = (
    # from, to, currency, minor units, what for
    ("ada", "timur", "EUR", 42_50, "flour, 50 kg"),
    ("lucia", "ada", "EUR", 180_00, "workshop rent, March"),
    ("timur", "ada", "EUR", 180_00, "workshop rent, March"),
    ("ada", "kenji", "EUR", 95_00, "logo, second half"),
    ("timur", "marina", "RUB", 350_000, "керамика на подарки"),
    ("marina", "ada", "RUB", 120_000, "доля за фургон"),
    ("ada", "timur", "RUB", 64_900, "бензин до ярмарки"),
    ("kenji", "lucia", "EUR", 12_80, "honey, 2 jars"),
    ("lucia", "timur", "EUR", 27_00, "bread for the course"),
    ("timur", "kenji", "EUR", 60_00, "menu cards"),
    ("ada", "lucia", "EUR", 8_40, "stamps"),
    ("marina", "timur", "RUB", 45_000, "хлеб"),
)
