"""The list of a person's transfers, merged out of the histories of their accounts."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.people import People, Person

TRANSFERS = "/v1/money/transfers"


async def send(person: Person, source: str, target: str, amount: int, description: str = "", **other: Any) -> str:
    order = {"from_account_id": source, "to_account_id": target, "amount": amount, "currency": "EUR"}
    made = await person.post(TRANSFERS, order | {"description": description} | other)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def listed(person: Person, **query: Any) -> list[dict[str, Any]]:
    """All pages."""
    items: list[dict[str, Any]] = []
    while True:
        answer = await person.get(TRANSFERS, params=query)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if answer.json()["next_cursor"] is None:
            return items
        query["cursor"] = answer.json()["next_cursor"]


def amounts(items: list[dict[str, Any]]) -> list[int]:
    return [item["amount"] for item in items]


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(100_000)


@pytest.fixture
async def his(bob: Person) -> str:
    return await bob.account(100_000)


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_pages_over_several_accounts_have_no_gap_and_no_repetition(ada: Person, bob: Person, limit: int) -> None:
    mine = [await ada.account(1000) for _ in range(3)]
    his = await bob.account(1000)
    made = []
    for n in range(1, 13):
        if n % 4 == 0:
            made.append(await send(bob, his, mine[n % 3], n))
        else:
            made.append(await send(ada, mine[n % 3], his, n))
    assert [item["id"] for item in await listed(ada, limit=limit)] == made[::-1]
    assert [item["id"] for item in await listed(bob, limit=limit)] == made[::-1]


async def test_many_that_were_booked_at_the_same_moment_are_paged_whole(ada: Person, bob: Person, his: str) -> None:
    mine = [await ada.account(1000) for _ in range(3)]
    items = [
        {"from_account_id": mine[n % 3], "to_account_id": his, "amount": n + 1, "currency": "EUR"} for n in range(20)
    ]
    assert (await ada.post(f"{TRANSFERS}/batch", {"transfers": items})).json()["posted"] == 20
    for person in (ada, bob):
        seen = amounts(await listed(person, limit=3))
        assert sorted(seen) == list(range(1, 21))


async def test_what_goes_from_one_of_your_accounts_to_another_is_listed_once(ada: Person, hers: str) -> None:
    other = await ada.account()
    made = await send(ada, hers, other, 7)
    assert [item["id"] for item in await listed(ada)] == [made]
    for query in ({"account_id": hers}, {"account_id": other}, {"direction": "in"}, {"direction": "out"}):
        assert [item["id"] for item in await listed(ada, **query)] == [made]
    assert await listed(ada, account_id=hers, direction="in") == []


async def test_deposits_and_other_things_that_are_no_transfers_are_left_out(
    ada: Person, bob: Person, hers: str
) -> None:
    assert await listed(ada) == []
    his = await bob.account()
    made = await send(ada, hers, his, 30)
    refund = await bob.post(f"{TRANSFERS}/{made}/refunds", {"amount": 10})
    hold = {"account_id": hers, "payee_account_id": his, "amount": 5, "currency": "EUR"}
    held = (await ada.post("/v1/money/holds", hold)).json()["id"]
    captured = (await bob.post(f"/v1/money/holds/{held}/capture", {})).json()["transfer_id"]
    seen = await listed(ada)
    assert [(item["id"], item["kind"]) for item in seen] == [
        (captured, "capture"),
        (refund.json()["id"], "refund"),
        (made, "transfer"),
    ]
    assert [item["kind"] for item in await listed(ada, kind="refund")] == ["refund"]
    assert [item["kind"] for item in await listed(ada, kind=["refund", "capture"])] == ["capture", "refund"]
    for item in seen:
        assert (await ada.get(f"{TRANSFERS}/{item['id']}")).json() == item


async def test_filters_by_direction_amount_and_words(ada: Person, bob: Person, hers: str, his: str) -> None:
    await send(ada, hers, his, 5, "Аренда за МАРТ")
    await send(ada, hers, his, 50, "Straße 100%")
    await send(bob, his, hers, 500, "аренда_за апрель")
    assert amounts(await listed(ada, direction="out")) == [50, 5]
    assert amounts(await listed(ada, direction="in")) == [500]
    assert amounts(await listed(ada, min_amount=50)) == [500, 50]
    assert amounts(await listed(ada, max_amount=50)) == [50, 5]
    assert amounts(await listed(ada, min_amount=6, max_amount=499)) == [50]
    assert amounts(await listed(ada, description="аренда")) == [500, 5]
    assert amounts(await listed(ada, description="март")) == [5]
    assert amounts(await listed(ada, description="STRASSE")) == [50]
    assert amounts(await listed(ada, description="%")) == [50]
    assert amounts(await listed(ada, description="_")) == [500]
    assert amounts(await listed(ada, description="АРЕНДА", direction="in", min_amount=1)) == [500]


async def test_filters_by_time_take_the_first_moment_and_leave_the_last(
    ada: Person, bob: Person, hers: str, his: str
) -> None:
    for amount in (1, 2, 3):
        await send(ada, hers, his, amount)
    times = [item["created_at"] for item in await listed(ada)][::-1]
    assert amounts(await listed(ada, **{"from": times[1]})) == [3, 2]
    assert amounts(await listed(ada, to=times[1])) == [1]
    assert amounts(await listed(ada, **{"from": times[0], "to": times[2], "limit": 1})) == [2, 1]
    assert (await ada.get(TRANSFERS, params={"from": "2026-01-01T00:00:00"})).status_code == 422
    assert (await ada.get(TRANSFERS, params={"to": "9999-12-31T23:59:59-12:00"})).status_code == 422


async def test_the_amount_filtered_by_is_the_amount_shown(people: People, bob: Person) -> None:
    """With a fee on top of it, the sender's account lost more."""
    admin = await people.person("Root", scope=frozenset({"admin"}), roles=("user", "admin"))
    ada = await people.person("Ada")
    hers, his = await ada.account(1000, "SEK"), await bob.account(0, "SEK")
    rule = {"operation": "transfer", "currency": "SEK", "flat": 300, "reason": "test"}
    made = await admin.client.put("/v1/money/admin/fee-rules", json=rule, headers=admin.auth)
    try:
        await send(ada, hers, his, 100, currency="SEK")
    finally:
        end = f"/v1/money/admin/fee-rules/{made.json()['id']}/end"
        assert (await admin.post(end, {"reason": "test"})).status_code == 204
    for person, fee in ((ada, 300), (bob, 0)):
        (item,) = await listed(person, min_amount=100, max_amount=100)
        assert (item["amount"], item["fee"]) == (100, fee)
        assert await listed(person, min_amount=101) == []


async def test_a_hot_account_shows_what_it_was_just_sent(people: People, ada: Person, bob: Person, hers: str) -> None:
    admin = await people.person("Root", scope=frozenset({"admin"}), roles=("user", "admin"))
    shop = await bob.account()
    change = {"hot": True, "reason": "a shop"}
    assert (
        await admin.client.patch(f"/v1/money/admin/accounts/{shop}", json=change, headers=admin.auth)
    ).status_code == 200
    await asyncio.gather(*(send(ada, hers, shop, n) for n in range(1, 6)))
    seen = await listed(bob, limit=2)
    assert sorted(amounts(seen)) == [1, 2, 3, 4, 5]
    assert max(item["balance_after"] for item in seen) == 15


async def test_nobody_sees_transfers_of_others(ada: Person, bob: Person, people: People, hers: str, his: str) -> None:
    await send(ada, hers, his, 1)
    eve = await people.person("Eve")
    assert await listed(eve) == []
    for account in (hers, str(uuid4())):
        answer = await eve.get(TRANSFERS, params={"account_id": account})
        assert (answer.status_code, answer.json()["code"]) == (404, "AccountNotFound")


@pytest.mark.parametrize(
    "query",
    [
        {"direction": "up"},
        {"kind": "deposit"},
        {"min_amount": -1},
        {"max_amount": 2**63},
        {"description": "a\x00b"},
        {"description": "x" * 201},
        {"from": "yesterday"},
        {"account_id": "1"},
        {"limit": 0},
    ],
)
async def test_malformed_filters_are_refused(ada: Person, query: dict[str, Any]) -> None:
    assert (await ada.get(TRANSFERS, params=query)).status_code == 422


@pytest.mark.parametrize("cursor", ["nonsense", "WzEsMl0", "W10"])
async def test_a_cursor_that_is_none_is_refused(ada: Person, cursor: str) -> None:
    answer = await ada.get(TRANSFERS, params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidCursor")
