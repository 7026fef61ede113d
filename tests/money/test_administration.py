from typing import Any
from uuid import uuid4

import pytest
from httpx import Response

from common.scopes import USER, of_roles
from tests.money.administrators import administrator
from tests.people import People, Person

ADMIN = "/v1/money/admin"
BECAUSE = {"reason": "A test"}


def outcome(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


@pytest.fixture
async def root(people: People) -> Person:
    """A second one, beside the boss."""
    return await administrator(people)


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(500)


def _everything(account: str) -> list[tuple[str, str, Any]]:
    nothing = str(uuid4())
    return [
        ("GET", "/accounts", None),
        ("GET", f"/accounts/{account}", None),
        ("PATCH", f"/accounts/{account}", {"overdraft": 1000, **BECAUSE}),
        *[("POST", f"/accounts/{account}/{what}", BECAUSE) for what in ("freeze", "unfreeze", "close")],
        ("POST", f"/transfers/{nothing}/reverse", BECAUSE),
        ("POST", "/adjustments", {"account_id": account, "amount": 5, "currency": "EUR", **BECAUSE}),
        ("GET", "/adjustments", None),
        *[("POST", f"/adjustments/{nothing}/{what}", None) for what in ("approve", "reject")],
        ("GET", "/actions", None),
        ("GET", "/trial-balance", None),
        ("GET", "/seals/verify", None),
        ("GET", "/fee-rules", None),
        ("PUT", "/fee-rules", {"operation": "transfer", "currency": "EUR", "flat": 1, **BECAUSE}),
        ("POST", f"/fee-rules/{nothing}/end", BECAUSE),
        ("GET", "/limits", None),
        ("PUT", "/limits", {"currency": "EUR", "per_day": 0, **BECAUSE}),
        ("POST", f"/limits/{nothing}/remove", BECAUSE),
    ]


@pytest.mark.parametrize("who", ["a user", "a user whose token asks for more", "a moderator and auditor", "nobody"])
async def test_only_administrators_administer(people: People, ada: Person, hers: str, who: str) -> None:
    roles = ("user", "moderator", "auditor") if "moderator" in who else ("user",)
    scope = of_roles(roles) | ({"admin"} if "more" in who else set())
    person = await people.person("Mallory", roles=roles, scope=scope)
    headers = {"Idempotency-Key": "k"} if who == "nobody" else person.key()
    for method, path, body in _everything(hers):
        answer = await person.client.request(method, ADMIN + path, json=body, headers=headers)
        assert answer.status_code == (401 if who == "nobody" else 403), path
    read = (await ada.get(f"/v1/money/accounts/{hers}")).json()
    assert (read["balance"], read["overdraft"], read["status"]) == (500, 0, "open")


async def test_an_administrator_whose_token_asks_for_less_is_a_user(people: People, hers: str) -> None:
    clerk = await people.person("Clerk", roles=("user", "admin"), scope=USER)
    assert (await clerk.get(f"{ADMIN}/trial-balance")).status_code == 403


@pytest.mark.parametrize("reason", [None, "", "   ", "x" * 501, "a\nb", 5])
async def test_every_act_has_a_reason(boss: Person, ada: Person, hers: str, reason: Any) -> None:
    body = {} if reason is None else {"reason": reason}
    for method, path, order in _everything(hers):
        if order is not None and method != "GET":
            given = {name: value for name, value in order.items() if name != "reason"} | body
            answer = await boss.client.request(method, ADMIN + path, json=given, headers=boss.key())
            assert answer.status_code == 422, path
    assert (await ada.get(f"/v1/money/accounts/{hers}")).json()["status"] == "open"


async def test_nothing_leaves_a_frozen_account_and_what_comes_is_taken(
    ada: Person, bob: Person, boss: Person, hers: str
) -> None:
    his = await bob.account(100)
    promise = {"account_id": hers, "payee_account_id": his, "amount": 5, "currency": "EUR"}
    hold = (await ada.post("/v1/money/holds", promise)).json()["id"]
    sent = {"from_account_id": his, "to_account_id": hers, "amount": 10, "currency": "EUR"}
    got = (await bob.post("/v1/money/transfers", sent)).json()["id"]
    assert (await boss.post(f"{ADMIN}/accounts/{hers}/freeze", {"reason": "Stolen"})).json()["status"] == "frozen"
    out = {"from_account_id": hers, "to_account_id": his, "amount": 1, "currency": "EUR"}
    for path, body in (
        ("transfers", out),
        ("transfers", {**out, "dry_run": True}),
        ("holds", promise),
        (f"transfers/{got}/refunds", {}),
        (f"transfers/{got}/reverse", {}),
        (f"holds/{hold}/capture", {}),
    ):
        assert outcome(await ada.post(f"/v1/money/{path}", body)) == (409, "AccountFrozen"), path
    assert outcome(await bob.post(f"/v1/money/holds/{hold}/capture", {})) == (409, "AccountFrozen")
    assert outcome(await ada.post(f"/v1/money/accounts/{hers}/close", None)) == (409, "AccountFrozen")
    assert (await bob.post("/v1/money/transfers", {**sent, "amount": 20})).status_code == 201
    assert await ada.balance(hers) == 530
    assert (await boss.post(f"{ADMIN}/accounts/{hers}/unfreeze", {"reason": "Found"})).json()["status"] == "open"
    assert (await ada.post("/v1/money/transfers", out)).status_code == 201
    noted = (await boss.get(f"{ADMIN}/actions", params={"subject": hers})).json()["items"]
    assert [(line["action"], line["reason"]) for line in noted] == [
        ("account.open", "Found"),
        ("account.frozen", "Stolen"),
    ]


async def test_an_account_is_closed_empty_and_for_good(ada: Person, bob: Person, boss: Person, hers: str) -> None:
    assert outcome(await boss.post(f"{ADMIN}/accounts/{hers}/close", BECAUSE)) == (409, "AccountNotEmpty")
    his = await bob.account()
    out = {"from_account_id": hers, "to_account_id": his, "amount": 500, "currency": "EUR"}
    await ada.post("/v1/money/transfers", out)
    assert outcome(await bob.post(f"/v1/money/accounts/{hers}/close", None)) == (404, "AccountNotFound")
    assert (await ada.post(f"/v1/money/accounts/{hers}/close", None)).json()["status"] == "closed"
    back = {"from_account_id": his, "to_account_id": hers, "amount": 1, "currency": "EUR"}
    assert outcome(await bob.post("/v1/money/transfers", back)) == (404, "RecipientNotFound")
    assert outcome(await ada.post("/v1/money/transfers", out)) == (409, "AccountClosed")
    for what in ("freeze", "unfreeze"):
        assert outcome(await boss.post(f"{ADMIN}/accounts/{hers}/{what}", BECAUSE)) == (409, "AccountClosed")
    assert len((await ada.get(f"/v1/money/accounts/{hers}/entries")).json()["items"]) == 2


async def test_artels_own_accounts_are_neither_frozen_nor_configured(boss: Person, hers: str) -> None:
    listed = (await boss.get(f"{ADMIN}/accounts", params={"own": True, "limit": 100})).json()["items"]
    assert all(account["owner_id"] is None for account in listed)
    (clearing,) = (account["id"] for account in listed if account["code"] == "clearing:sandbox:EUR")
    for what in ("freeze", "close"):
        assert outcome(await boss.post(f"{ADMIN}/accounts/{clearing}/{what}", BECAUSE)) == (404, "AccountNotFound")
    settings = {"overdraft": 0, **BECAUSE}
    answer = await boss.client.patch(f"{ADMIN}/accounts/{clearing}", json=settings, headers=boss.auth)
    assert outcome(answer) == (404, "AccountNotFound")


async def test_an_overdraft_lets_an_account_go_so_far_below_zero(
    ada: Person, bob: Person, boss: Person, hers: str
) -> None:
    async def configure(**settings: Any) -> Response:
        return await boss.client.patch(f"{ADMIN}/accounts/{hers}", json={**settings, **BECAUSE}, headers=boss.auth)

    his = await bob.account()
    assert (await configure(overdraft=100)).json()["overdraft"] == 100
    out = {"from_account_id": hers, "to_account_id": his, "amount": 601, "currency": "EUR"}
    assert outcome(await ada.post("/v1/money/transfers", out)) == (409, "InsufficientFunds")
    assert (await ada.post("/v1/money/transfers", {**out, "amount": 600})).json()["balance_after"] == -100
    assert outcome(await configure(overdraft=99)) == (409, "OverdraftInUse")
    assert outcome(await configure(overdraft=-1)) == (422, "MalformedRequest")
    assert outcome(await ada.post(f"/v1/money/accounts/{hers}/close", None)) == (409, "AccountNotEmpty")
    assert (await ada.get(f"/v1/money/accounts/{hers}")).json()["available"] == 0


async def test_an_adjustment_takes_two_people(ada: Person, boss: Person, root: Person, hers: str) -> None:
    order = {"account_id": hers, "amount": -200, "currency": "EUR", "reason": "Paid out twice"}
    proposed = (await boss.post(f"{ADMIN}/adjustments", order, "p")).json()
    assert (proposed["status"], await ada.balance(hers)) == ("proposed", 500)
    assert (await boss.post(f"{ADMIN}/adjustments", order, "p")).json() == proposed
    path = f"{ADMIN}/adjustments/{proposed['id']}"
    for what in ("approve", "reject"):
        assert outcome(await boss.post(f"{path}/{what}", None)) == (403, "SecondPersonNeeded")
    posted = (await root.post(f"{path}/approve", None, "a")).json()
    assert (posted["status"], posted["decided_by"]) == ("posted", str(root.id))
    assert (await root.post(f"{path}/approve", None, "a")).json() == posted
    for what in ("approve", "reject"):
        assert outcome(await root.post(f"{path}/{what}", None)) == (409, "AdjustmentDecided")
    assert await ada.balance(hers) == 300
    entry = (await ada.get(f"/v1/money/accounts/{hers}/entries")).json()["items"][0]
    assert (entry["kind"], entry["amount"], entry["description"]) == ("adjustment", -200, "Paid out twice")
    noted = (await boss.get(f"{ADMIN}/actions", params={"subject": proposed["id"]})).json()["items"]
    assert [(line["action"], line["actor_id"]) for line in noted] == [
        ("adjustment.posted", str(root.id)),
        ("adjustment.proposed", str(boss.id)),
    ]


async def test_an_adjustment_is_turned_down_and_posts_nothing(
    ada: Person, boss: Person, root: Person, hers: str
) -> None:
    order = {"account_id": hers, "amount": 7, "currency": "EUR", **BECAUSE}
    proposed = (await boss.post(f"{ADMIN}/adjustments", order)).json()["id"]
    rejected = (await root.post(f"{ADMIN}/adjustments/{proposed}/reject", None)).json()
    assert (rejected["status"], rejected["transaction_id"]) == ("rejected", None)
    assert await ada.balance(hers) == 500


async def test_what_cannot_be_taken_is_not_and_may_be_decided_again(
    ada: Person, boss: Person, root: Person, hers: str
) -> None:
    order = {"account_id": hers, "amount": -501, "currency": "EUR", **BECAUSE}
    proposed = (await boss.post(f"{ADMIN}/adjustments", order)).json()["id"]
    path = f"{ADMIN}/adjustments/{proposed}/approve"
    assert outcome(await root.post(path, None, "first")) == (409, "InsufficientFunds")
    await ada.post("/v1/money/deposits", {"account_id": hers, "amount": 1, "currency": "EUR"})
    assert outcome(await root.post(path, None, "first")) == (409, "InsufficientFunds")
    assert (await root.post(path, None, "second")).json()["status"] == "posted"
    assert await ada.balance(hers) == 0


async def test_what_an_adjustment_needs(boss: Person, root: Person, hers: str) -> None:
    order = {"account_id": hers, "amount": 1, "currency": "EUR", **BECAUSE}
    for change, wanted in (
        ({"amount": 0}, (422, "MalformedRequest")),
        ({"amount": 1.5}, (422, "MalformedRequest")),
        ({"currency": "USD"}, (409, "CurrencyMismatch")),
        ({"account_id": str(uuid4())}, (404, "AccountNotFound")),
    ):
        assert outcome(await boss.post(f"{ADMIN}/adjustments", {**order, **change})) == wanted
    assert outcome(await root.post(f"{ADMIN}/adjustments/{uuid4()}/approve", None)) == (404, "AdjustmentNotFound")


async def test_the_trial_balance_balances_in_every_currency(boss: Person, ada: Person, hers: str) -> None:
    await ada.account(70, "JPY")
    read = (await boss.get(f"{ADMIN}/trial-balance")).json()
    assert (read["balanced"], read["violations"]) == (True, [])
    for currency in ("EUR", "JPY"):
        lines = [line for line in read["lines"] if line["currency"] == currency]
        assert {"people", f"clearing:sandbox:{currency}"} <= {line["account"] for line in lines}
        assert sum(line["debits"] for line in lines) == sum(line["credits"] for line in lines) > 0


async def test_administrators_find_accounts(boss: Person, ada: Person, hers: str) -> None:
    second = await ada.account()
    await boss.post(f"{ADMIN}/accounts/{second}/freeze", BECAUSE)
    mine = {"owner_id": str(ada.id)}
    listed = (await boss.get(f"{ADMIN}/accounts", params=mine)).json()["items"]
    assert [account["id"] for account in listed] == [second, hers]
    frozen = (await boss.get(f"{ADMIN}/accounts", params={**mine, "status": "frozen"})).json()["items"]
    assert [account["id"] for account in frozen] == [second]
    first_page = (await boss.get(f"{ADMIN}/accounts", params={**mine, "limit": 1})).json()
    rest = {**mine, "limit": 1, "cursor": first_page["next_cursor"]}
    assert [account["id"] for account in (await boss.get(f"{ADMIN}/accounts", params=rest)).json()["items"]] == [hers]
    assert (await boss.get(f"{ADMIN}/accounts/{uuid4()}")).json()["code"] == "AccountNotFound"
