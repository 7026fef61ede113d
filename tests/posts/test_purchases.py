"""Posts that cost something: the reader pays by an ordinary transfer, once, and reads."""

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from httpx import AsyncClient, Response

from common.scopes import USER
from posts import purchases
from tests.people import People, Person
from tests.posts.test_posts import POSTS, write

SECRET = "the end of the story"
TRANSFERS = "/v1/money/transfers"


@dataclass(frozen=True)
class Sold:
    """A post of Ada's for 300 of Bob's 1000 cents."""

    path: str
    id: str
    ada: Person
    bob: Person
    till: str
    purse: str

    async def price(self, amount: int, account: str | None = None, currency: str = "EUR") -> Response:
        price = {"amount": amount, "currency": currency, "account_id": account or self.till}
        return await self.ada.client.put(f"{self.path}/price", json=price, headers=self.ada.auth)

    async def order(self, amount: int = 300, reader: Person | None = None, **other: Any) -> Response:
        return await (reader or self.bob).post(f"{self.path}/purchases", {"amount": amount, "currency": "EUR"} | other)

    async def offer(self, amount: int = 300) -> dict[str, Any]:
        answer = await self.order(amount)
        assert answer.status_code in (200, 201), answer.text
        offered: dict[str, Any] = answer.json()
        return offered

    async def pay(self, payment: dict[str, Any], **other: Any) -> Response:
        """As a client does that does what the offer says."""
        transfer = {name: payment[name] for name in ("to_account_id", "amount", "currency")}
        transfer |= {"from_account_id": self.purse, **other}
        return await self.bob.post(TRANSFERS, transfer, key=payment["idempotency_key"])

    async def buy(self) -> dict[str, Any]:
        paid = await self.pay((await self.offer())["payment"])
        assert paid.status_code == 201, paid.text
        return await self.offer()

    async def full(self, reader: Person | None = None) -> int:
        return (await (reader or self.bob).get(f"{self.path}/full")).status_code

    async def balances(self) -> tuple[int, int]:
        return await self.bob.balance(self.purse), await self.ada.balance(self.till)


@pytest.fixture
async def sold(ada: Person, bob: Person) -> Sold:
    made = await write(ada, "Paid", f"{'Words. ' * 60}{SECRET}")
    post = Sold(f"{POSTS}/{made['id']}", made["id"], ada, bob, await ada.account(), await bob.account(1000))
    assert (await post.price(300)).status_code == 204
    return post


async def test_everybody_sees_that_it_costs_and_nobody_the_body(client: AsyncClient, sold: Sold) -> None:
    shown = (await client.get(sold.path)).json()
    assert (shown["title"], shown["price"], shown["locked"]) == ("Paid", {"amount": 300, "currency": "EUR"}, True)
    assert (shown["body"], shown["html"]) == (None, None)
    for path in (sold.path, POSTS, f"{POSTS}?author={sold.ada.id}", f"{POSTS}/tags"):
        assert SECRET not in (await client.get(path)).text
    (listed,) = (await client.get(POSTS, params={"author": str(sold.ada.id)})).json()["items"]
    assert (listed["price"], listed["locked"]) == ({"amount": 300, "currency": "EUR"}, True)


async def test_a_cached_copy_of_the_free_post_is_not_confirmed_once_it_costs(client: AsyncClient, ada: Person) -> None:
    made = await write(ada)
    path, account = f"{POSTS}/{made['id']}", await ada.account()
    etag = (await client.get(path)).headers["etag"]
    price = {"amount": 1, "currency": "EUR", "account_id": account}
    assert (await client.put(f"{path}/price", json=price, headers=ada.auth)).status_code == 204
    again = await client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.json()["body"]) == (200, None)


async def test_author_moderators_and_buyers_read_the_whole(people: People, sold: Sold) -> None:
    eve = await people.person("Eve")
    scope = USER | {"posts:moderate"}
    moderator = await people.person("Mod", scope=scope, roles=("user", "moderator"))
    assert [await sold.full(reader) for reader in (sold.ada, moderator, sold.bob, eve)] == [200, 200, 402, 402]
    bought = await sold.buy()
    assert (bought["status"], bought["payment"], bought["amount"]) == ("paid", None, 300)
    assert await sold.balances() == (700, 300)
    answer = await sold.bob.get(f"{sold.path}/full")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert SECRET in answer.json()["body"]
    assert SECRET in answer.json()["html"]
    assert answer.json()["locked"] is False
    assert await sold.full(eve) == 402
    assert (await eve.client.get(f"{sold.path}/full")).status_code == 401


async def test_who_paid_and_never_came_back_to_say_so_reads_all_the_same(sold: Sold) -> None:
    """As after a crash between the transfer and the note of it."""
    offered = await sold.offer()
    paid = (await sold.pay(offered["payment"])).json()["id"]
    assert await sold.full() == 200
    assert (await sold.offer())["transaction_id"] == paid
    assert await sold.balances() == (700, 300)


async def test_thirty_two_purchases_at_once_are_one_transfer(sold: Sold) -> None:
    async def whole() -> str:
        offered = await sold.offer()
        if offered["status"] == "open":
            assert (await sold.pay(offered["payment"])).status_code == 201
        return str((await sold.offer())["transaction_id"])

    assert len(set(await asyncio.gather(*(whole() for _ in range(32))))) == 1
    assert await sold.balances() == (700, 300)


async def test_an_order_during_which_another_one_sees_the_payment_gives_no_second_key(
    sold: Sold, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its look for a payment and its offer the money comes, and another request takes that over, if it can."""
    first, make_offer = (await sold.offer())["payment"], purchases._offer
    others: list[asyncio.Task[Response]] = []

    async def slow(*given: Any) -> Any:
        if not others:
            assert (await sold.pay(first)).status_code == 201
            others.append(asyncio.create_task(sold.order()))
            await asyncio.wait(others, timeout=0.5)
        return await make_offer(*given)

    monkeypatch.setattr(purchases, "_offer", slow)
    offered = await sold.offer()
    assert offered["payment"] is None or offered["payment"]["idempotency_key"] == first["idempotency_key"]
    assert (await others[0]).json()["status"] == "paid"
    assert (await sold.offer())["status"] == "paid"


@pytest.fixture
def fee_of_five(owner_connection: psycopg.Connection) -> Iterator[None]:
    owner_connection.execute("SET ROLE artel_owner")
    rule = """INSERT INTO money.fee_rules (operation, currency, flat, rate, created_by)
        VALUES ('transfer', 'EUR', 5, 0, uuidv7())"""
    owner_connection.execute(rule)
    yield
    owner_connection.execute("UPDATE money.fee_rules SET ended_at = now() WHERE ended_at IS NULL")


@pytest.mark.usefixtures("fee_of_five")
async def test_a_fee_is_on_top_and_changes_nothing_of_the_sale(sold: Sold) -> None:
    await sold.buy()
    assert await sold.full() == 200
    assert await sold.balances() == (695, 300)


async def test_a_much_paid_account_sells_as_any_other(sold: Sold, owner_connection: psycopg.Connection) -> None:
    """What it is paid waits beside its history."""
    owner_connection.execute("SET ROLE artel_owner")
    owner_connection.execute("UPDATE money.accounts SET hot = true WHERE id = %s", [sold.till])
    assert (await sold.buy())["status"] == "paid"
    assert await sold.full() == 200


async def test_a_refused_transfer_is_tried_again_under_another_key(sold: Sold) -> None:
    poor = await sold.bob.account()
    first = (await sold.offer())["payment"]
    refused = await sold.pay(first, from_account_id=poor)
    assert (refused.status_code, refused.json()["code"]) == (409, "InsufficientFunds")
    assert await sold.full() == 402
    second = (await sold.offer())["payment"]
    assert second["idempotency_key"] != first["idempotency_key"]
    assert (await sold.pay(second)).status_code == 201
    assert await sold.full() == 200
    assert await sold.balances() == (700, 300)


@pytest.mark.parametrize("wrong", ["amount", "payee", "currency", "kind"])
async def test_a_transfer_that_is_not_what_was_asked_for_buys_nothing(people: People, sold: Sold, wrong: str) -> None:
    payment = (await sold.offer())["payment"]
    key = payment["idempotency_key"]
    if wrong == "amount":
        answer = await sold.pay(payment, amount=299)
    elif wrong == "payee":
        answer = await sold.pay(payment, to_account_id=await (await people.person("Eve")).account())
    elif wrong == "currency":
        rubles = {"from_account_id": await sold.bob.account(1000, "RUB"), "currency": "RUB"}
        answer = await sold.pay(payment, to_account_id=await sold.ada.account(0, "RUB"), **rubles)
    else:
        deposit = {"account_id": sold.purse, "amount": 300, "currency": "EUR"}
        answer = await sold.bob.post("/v1/money/deposits", deposit, key=key)
    assert answer.status_code == 201, answer.text
    assert await sold.full() == 402
    again = await sold.offer()
    assert again["status"] == "open"
    assert again["payment"]["idempotency_key"] != key


async def test_another_persons_transfer_under_the_same_key_buys_nothing(people: People, sold: Sold) -> None:
    eve = await people.person("Eve")
    payment = (await sold.offer())["payment"]
    transfer = {name: payment[name] for name in ("to_account_id", "amount", "currency")}
    transfer["from_account_id"] = await eve.account(300)
    assert (await eve.post(TRANSFERS, transfer, key=payment["idempotency_key"])).status_code == 201
    assert await sold.full() == 402


async def test_a_transfer_counts_for_one_post_only(sold: Sold) -> None:
    other = await write(sold.ada, "Another")
    price = {"amount": 300, "currency": "EUR", "account_id": sold.till}
    path = f"{POSTS}/{other['id']}"
    assert (await sold.ada.client.put(f"{path}/price", json=price, headers=sold.ada.auth)).status_code == 204
    await sold.buy()
    assert (await sold.bob.get(f"{path}/full")).status_code == 402
    ordered = (await sold.bob.post(f"{path}/purchases", {"amount": 300, "currency": "EUR"})).json()
    assert ordered["status"] == "open"


async def test_an_ordinary_transfer_of_the_right_amount_buys_nothing(sold: Sold) -> None:
    payment = (await sold.offer())["payment"]
    assert (await sold.pay(payment | {"idempotency_key": secrets.token_hex(8)})).status_code == 201
    assert await sold.full() == 402


async def test_the_buyer_agrees_to_the_price_he_has_seen(sold: Sold) -> None:
    assert (await sold.order(300)).status_code == 201
    await sold.price(400)
    changed = await sold.order(300)
    assert (changed.status_code, changed.json()["code"]) == (409, "PriceChanged")
    assert (await sold.order(400, currency="USD")).json()["code"] == "PriceChanged"
    assert (await sold.order(400)).status_code == 201


async def test_two_prices_in_two_tabs_are_paid_once(sold: Sold) -> None:
    old = (await sold.offer(300))["payment"]
    await sold.price(400)
    new = (await sold.offer(400))["payment"]
    answers = await asyncio.gather(sold.pay(old), sold.pay(new))
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert await sold.full() == 200
    assert (await sold.offer(400))["status"] == "paid"
    assert sum(await sold.balances()) == 1000
    assert (await sold.bob.balance(sold.purse)) in (600, 700)


async def test_who_paid_the_old_price_in_time_has_bought(sold: Sold) -> None:
    payment = (await sold.offer())["payment"]
    await sold.price(400)
    assert (await sold.pay(payment)).status_code == 201
    assert await sold.full() == 200


@pytest.mark.parametrize("way", ["refunds", "reverse"])
async def test_access_ends_when_all_the_money_went_back_and_can_be_bought_anew(sold: Sold, way: str) -> None:
    transfer = f"{TRANSFERS}/{(await sold.buy())['transaction_id']}"
    if way == "refunds":
        assert (await sold.ada.post(f"{transfer}/refunds", {"amount": 100})).status_code == 201
        assert await sold.full() == 200  # a part of it is a kindness
    assert (await sold.ada.post(f"{transfer}/{way}", {})).status_code == 201
    assert await sold.full() == 402
    (listed,) = (await sold.bob.get(f"{POSTS}/purchases")).json()["items"]
    assert listed["returned"] is True
    again = await sold.offer()
    assert (again["status"], await sold.balances()) == ("open", (1000, 0))
    assert (await sold.pay(again["payment"])).status_code == 201
    assert await sold.full() == 200
    assert await sold.balances() == (700, 300)


async def test_money_that_went_back_before_anybody_looked_buys_nothing(sold: Sold) -> None:
    paid = (await sold.pay((await sold.offer())["payment"])).json()["id"]
    assert (await sold.ada.post(f"{TRANSFERS}/{paid}/reverse", {})).status_code == 201
    assert await sold.full() == 402
    assert (await sold.offer())["status"] == "open"


async def test_a_free_post_is_read_by_all_and_bought_by_none(client: AsyncClient, sold: Sold) -> None:
    await sold.buy()
    assert (await client.delete(f"{sold.path}/price", headers=sold.ada.auth)).status_code == 204
    shown = (await client.get(sold.path)).json()
    assert (shown["price"], shown["locked"], SECRET in shown["body"]) == (None, False, True)
    assert (await sold.order()).json()["status"] == "paid"
    await sold.price(500)
    assert await sold.full() == 200


async def test_what_is_free_or_ones_own_or_not_there_is_not_sold(people: People, sold: Sold, ada: Person) -> None:
    eve = await people.person("Eve")
    free = await write(ada)
    seen = {"amount": 300, "currency": "EUR"}
    assert (await eve.post(f"{POSTS}/{free['id']}/purchases", seen)).json()["code"] == "NotForSale"
    assert (await eve.post(f"{POSTS}/{uuid4()}/purchases", seen)).status_code == 404
    assert (await sold.order(reader=ada)).json()["code"] == "OwnPost"
    assert (await ada.client.delete(sold.path, headers=ada.auth)).status_code == 204
    assert (await sold.order()).status_code == 404
    assert await sold.full() == 404


async def test_only_the_author_sets_a_price_and_for_an_account_of_their_own(client: AsyncClient, sold: Sold) -> None:
    price = {"amount": 1, "currency": "EUR", "account_id": sold.purse}
    for answer in (
        await client.put(f"{sold.path}/price", json=price, headers=sold.bob.auth),
        await client.delete(f"{sold.path}/price", headers=sold.bob.auth),
        await sold.bob.get(f"{sold.path}/sales"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "NotTheSeller")
    foreign = await sold.price(1, sold.purse)
    assert (foreign.status_code, foreign.json()["code"]) == (422, "PayeeUnusable")
    assert (await sold.price(1, currency="USD")).json()["code"] == "PayeeUnusable"
    assert (await sold.price(1, str(uuid4()))).json()["code"] == "PayeeUnusable"


@pytest.mark.parametrize(
    "change",
    [{"amount": 0}, {"amount": -1}, {"amount": 2**53}, {"amount": 1.5}, {"amount": "1"}, {"currency": "eur"}, {"x": 1}],
)
async def test_malformed_prices_are_422(sold: Sold, change: dict[str, Any]) -> None:
    price = {"amount": 1, "currency": "EUR", "account_id": sold.till} | change
    for answer in (
        await sold.ada.client.put(f"{sold.path}/price", json=price, headers=sold.ada.auth),
        await sold.order(**({"amount": 300} | change)),
    ):
        assert answer.status_code == 422


async def test_the_author_sees_what_a_post_has_earned(people: People, sold: Sold) -> None:
    bought = await sold.buy()
    eve = await people.person("Eve")
    purse = await eve.account(300)
    payment = (await sold.order(reader=eve)).json()["payment"]
    transfer = {name: payment[name] for name in ("to_account_id", "amount", "currency")} | {"from_account_id": purse}
    await eve.post(TRANSFERS, transfer, key=payment["idempotency_key"])
    assert (await sold.order(reader=eve)).json()["status"] == "paid"
    await sold.ada.post(f"{TRANSFERS}/{bought['transaction_id']}/refunds", {"amount": 100})
    sales = (await sold.ada.get(f"{sold.path}/sales")).json()
    assert sales == {"items": [{"currency": "EUR", "count": 2, "amount": 600, "returned": 100}]}


async def test_ones_purchases_are_listed_page_by_page(people: People, sold: Sold) -> None:
    await sold.buy()
    other = await write(sold.ada, "Second")
    second = Sold(f"{POSTS}/{other['id']}", other["id"], sold.ada, sold.bob, sold.till, sold.purse)
    await second.price(300)
    await second.buy()
    first = (await sold.bob.get(f"{POSTS}/purchases", params={"limit": 1})).json()
    rest = await sold.bob.get(f"{POSTS}/purchases", params={"limit": 1, "cursor": first["next_cursor"]})
    assert [item["title"] for item in first["items"] + rest.json()["items"]] == ["Second", "Paid"]
    assert rest.json()["next_cursor"] is None
    assert (await sold.bob.get(f"{POSTS}/purchases", params={"cursor": "WyJ4Il0"})).status_code == 400
    assert (await (await people.person("Eve")).get(f"{POSTS}/purchases")).json()["items"] == []
    assert (await sold.bob.client.get(f"{POSTS}/purchases")).status_code == 401


def test_the_role_of_posts_learns_of_transfers_by_their_key_and_moves_nothing(
    owner_connection: psycopg.Connection,
) -> None:
    query = """SELECT p.oid::regproc::text FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('money', 'identity') AND has_function_privilege('artel_posts', p.oid, 'EXECUTE')
            AND has_schema_privilege('artel_posts', n.oid, 'USAGE')"""
    names = {row[0] for row in owner_connection.execute(query)}
    assert {name for name in names if not name.startswith("identity.")} == set()
    assert {"identity.transfer_by_key", "identity.receiving_currency"} <= names
