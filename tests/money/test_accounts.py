from uuid import uuid4

import pytest

from tests.people import Person


async def test_an_account_is_opened_empty_in_its_currency(ada: Person) -> None:
    for currency, exponent in (("EUR", 2), ("JPY", 0), ("KWD", 3)):
        account = (await ada.post("/v1/money/accounts", {"currency": currency, "name": "Savings"})).json()
        assert (account["balance"], account["available"]) == (0, 0)
        assert (account["currency"], account["exponent"], account["name"]) == (currency, exponent, "Savings")
    listed = (await ada.get("/v1/money/accounts")).json()["items"]
    assert [account["currency"] for account in listed] == ["EUR", "JPY", "KWD"]


@pytest.mark.parametrize("currency", ["ZZZ", "XXX"])
async def test_an_unknown_currency_is_refused_for_ever_under_its_key(ada: Person, currency: str) -> None:
    answers = [await ada.post("/v1/money/accounts", {"currency": currency}, "k1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json()["code"] == "UnknownCurrency"
    assert "idempotent-replayed" not in answers[0].headers
    assert answers[1].headers["idempotent-replayed"] == "true"


async def test_somebody_elses_account_is_as_if_absent(ada: Person, bob: Person) -> None:
    account = await ada.account(100)
    for path in (f"/v1/money/accounts/{account}", f"/v1/money/accounts/{account}/entries"):
        theirs, absent = await bob.get(path), await bob.get(path.replace(account, str(uuid4())))
        assert theirs.status_code == absent.status_code == 404
        assert theirs.json()["code"] == absent.json()["code"] == "AccountNotFound"


async def test_a_deposit_shows_in_balance_and_history(ada: Person) -> None:
    account = await ada.account()
    order = {"account_id": account, "amount": 1050, "currency": "EUR"}
    deposit = (await ada.post("/v1/money/deposits", order)).json()
    assert (deposit["amount"], deposit["balance_after"]) == (1050, 1050)
    entries = (await ada.get(f"/v1/money/accounts/{account}/entries")).json()["items"]
    assert [(e["kind"], e["amount"], e["balance_after"], e["counterparty_account_id"]) for e in entries] == [
        ("deposit", 1050, 1050, None)
    ]


async def test_a_deposit_needs_ones_own_account_and_its_currency(ada: Person, bob: Person) -> None:
    account = await ada.account()
    order = {"account_id": account, "amount": 5, "currency": "EUR"}
    assert (await bob.post("/v1/money/deposits", order)).json()["code"] == "AccountNotFound"
    assert (await ada.post("/v1/money/deposits", order | {"currency": "USD"})).json()["code"] == "CurrencyMismatch"
    assert await ada.balance(account) == 0


async def test_history_pages_without_gap_or_repetition(ada: Person) -> None:
    account = await ada.account()
    for amount in range(1, 8):
        await ada.post("/v1/money/deposits", {"account_id": account, "amount": amount, "currency": "EUR"})
    seen, cursor = [], None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        answer = (await ada.get(f"/v1/money/accounts/{account}/entries", params=query)).json()
        seen += [entry["amount"] for entry in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    path = f"/v1/money/accounts/{account}/entries"
    assert (await ada.get(path, params={"cursor": "nonsense"})).status_code == 400
    assert (await ada.get(path, params={"limit": 101})).status_code == 422
