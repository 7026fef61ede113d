"""What was sent to somebody unknown: it waits, reaches who turns up, or comes back. Once, whoever is killed in between."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.engine import make_url

from auth import outbox
from common.mail import Mail
from money import background, correspondence, delivering, letters, upkeep
from tests.money.parties import (
    TRANSFERS,
    Sql,
    call,
    end_fee_rules,
    entries,
    events,
    fee_rule,
    look_through,
    new_address,
    register,
    state,
    to_email,
    to_handle,
)
from tests.people import People, Person

pytestmark = pytest.mark.usefixtures("what_waits_is_what_is_there")


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(1000)


def _overdue(sql: Sql, transfer: str) -> None:
    sql("UPDATE money.claims SET expires_at = now() - interval '1 second' WHERE transfer_id = %s", UUID(transfer))


def _status(sql: Sql, transfer: str) -> str:
    return str(sql("SELECT status FROM money.claims WHERE transfer_id = %s", UUID(transfer))[0][0])


async def _send(person: Person, order: dict[str, Any]) -> str:
    sent = await person.post(TRANSFERS, order)
    assert sent.status_code == 201, sent.text
    return str(sent.json()["id"])


# Who turns up ---------------------------------------------------------------------------------------------------------------


async def test_it_is_there_right_when_its_recipient_opens_an_account(people: People, ada: Person, hers: str) -> None:
    email = new_address()
    transfer = await _send(ada, to_email(hers, email, 70, description="for you"))
    handle = await call(ada)
    bob = await register(people, email)
    opened = await bob.post("/v1/money/accounts", {"currency": "EUR"})
    assert opened.json()["balance"] == 70
    (entry,) = await entries(bob, opened.json()["id"])
    assert (entry["kind"], entry["amount"], entry["description"]) == ("claim", 70, "for you")
    claim = (await bob.get(f"{TRANSFERS}/{entry['transaction_id']}")).json()
    assert (claim["kind"], claim["original_id"], claim["balance_after"]) == ("claim", transfer, 70)
    assert claim["sender"] == {"display_name": "Ada", "handle": handle}
    assert (claim["to_account_id"], claim["recipient"]) == (opened.json()["id"], None)


async def test_who_has_an_account_gets_it_once_their_address_is_verified(
    people: People, ada: Person, hers: str
) -> None:
    email = new_address()
    await _send(ada, to_email(hers, email.upper(), 70))
    bob = await register(people, email, verified=False)
    his = await bob.account()
    await background.run_due()
    assert await bob.balance(his) == 0
    await state(bob, email_verified_at=datetime.now(UTC))
    await background.run_due()
    assert await bob.balance(his) == 70
    await background.run_due()
    assert await bob.balance(his) == 70


async def test_an_unverified_address_gets_nothing_by_opening_an_account(people: People, ada: Person, hers: str) -> None:
    email = new_address()
    await _send(ada, to_email(hers, email))
    eve = await register(people, email, verified=False)
    assert await eve.balance(await eve.account()) == 0


async def test_who_changes_to_the_address_gets_it_and_who_had_it_before_does_not(
    people: People, ada: Person, hers: str
) -> None:
    old, new = new_address(), new_address()
    eve, bob = await register(people, new), await register(people, old)
    theirs, his = await eve.account(), await bob.account()
    await state(eve, email=old + ".", email_key=old + ".")
    await _send(ada, to_email(hers, new, 70))
    await state(bob, email=new, email_key=new)
    await delivering.deliver()
    assert (await eve.balance(theirs), await bob.balance(his)) == (0, 70)


@pytest.mark.parametrize("how", ["disabled_at", "deleted_at"])
async def test_while_somebody_is_away_it_waits_for_them(people: People, ada: Person, hers: str, how: str) -> None:
    email = new_address()
    bob = await register(people, email)
    his = await bob.account()
    await state(bob, **{how: datetime.now(UTC)})
    await _send(ada, to_email(hers, email, 70))
    await delivering.deliver()
    await state(bob, **{how: None})
    assert await bob.balance(his) == 0
    await delivering.deliver()
    assert await bob.balance(his) == 70


async def test_each_currency_waits_for_an_account_of_its_own(people: People, ada: Person, hers: str) -> None:
    email = new_address()
    dollars = await ada.account(100, "USD")
    await _send(ada, to_email(hers, email, 70))
    await _send(ada, to_email(dollars, email, 30, "USD"))
    bob = await register(people, email)
    euros = await bob.account()
    assert await bob.balance(euros) == 70
    await delivering.deliver()
    assert await bob.balance(await bob.account(currency="USD")) == 30
    assert await bob.balance(euros) == 70


async def test_more_than_a_request_may_take_its_time_for_is_brought_later(
    people: People, ada: Person, hers: str
) -> None:
    email = new_address()
    for _ in range(53):
        await _send(ada, to_email(hers, email, 1))
    bob = await register(people, email)
    his = await bob.account()
    assert await bob.balance(his) == 50
    assert await delivering.deliver() == 3
    assert await bob.balance(his) == 53


async def test_many_who_bring_it_at_once_bring_it_once(people: People, ada: Person, hers: str) -> None:
    email = new_address()
    bob = await register(people, email)
    for _ in range(5):
        await _send(ada, to_email(hers, email, 10))
    opening = [bob.account() for _ in range(4)]
    done = await asyncio.gather(*(delivering.deliver() for _ in range(4)), *opening)
    await delivering.deliver()
    assert sum([await bob.balance(account) for account in done if isinstance(account, str)]) == 50


async def test_nobody_is_left_behind_for_longer_than_ten_minutes(
    people: People, ada: Person, hers: str, sql: Sql
) -> None:
    """Not who came at the very moment when it was sent, nor whose account was frozen."""
    email = new_address()
    bob = await register(people, email)
    his = await bob.account()
    sql("UPDATE money.accounts SET status = 'frozen' WHERE id = %s", UUID(his))
    await _send(ada, to_email(hers, email, 70))
    await look_through(sql)
    sql("UPDATE money.accounts SET status = 'open' WHERE id = %s", UUID(his))
    assert (await delivering.deliver(), await delivering.look_through()) == (0, 0)
    assert await look_through(sql) == 1
    assert await bob.balance(his) == 70


async def test_who_is_not_waited_for_leaves_no_line(people: People, ada: Person, hers: str, sql: Sql) -> None:
    waiting = new_address()
    await _send(ada, to_email(hers, waiting))
    nobody, somebody = await register(people, new_address()), await register(people, waiting)
    arrived = "SELECT person_id FROM money.arrivals WHERE person_id = ANY (%s)"
    assert sql(arrived, [nobody.id, somebody.id]) == [(somebody.id,)]
    await delivering.deliver()
    assert sql(arrived, [nobody.id, somebody.id]) == []


# Coming back ----------------------------------------------------------------------------------------------------------------


async def test_after_thirty_days_it_comes_back_with_its_fee(ada: Person, hers: str, sql: Sql) -> None:
    await fee_rule(sql, "EUR", 4)
    try:
        email = new_address()
        transfer = await _send(ada, to_email(hers, email, 70))
        assert await delivering.give_back() == 0
        (left,) = sql("SELECT expires_at - now() FROM money.claims WHERE transfer_id = %s", UUID(transfer))[0]
        assert 29.99 < left.total_seconds() / 86400 <= 30
        _overdue(sql, transfer)
        assert await delivering.give_back() == 1
        assert await delivering.give_back() == 0
    finally:
        end_fee_rules(sql)
    assert await ada.balance(hers) == 1000
    entry = (await entries(ada, hers))[0]
    assert (entry["kind"], entry["amount"], entry["recipient"]) == ("return", 74, email)
    back = (await ada.get(f"{TRANSFERS}/{entry['transaction_id']}")).json()
    assert (back["kind"], back["amount"], back["fee"], back["original_id"]) == ("return", 74, 0, transfer)
    assert (back["from_account_id"], back["to_account_id"], back["sender"]) == (None, hers, None)
    await upkeep.publish()
    assert [kind for kind, _ in events(sql, ada)] == ["deposit.received", "transfer.sent", "return.received"]


async def test_what_came_back_is_nobodys_to_claim(people: People, ada: Person, hers: str, sql: Sql) -> None:
    email = new_address()
    transfer = await _send(ada, to_email(hers, email))
    _overdue(sql, transfer)
    await delivering.give_back()
    bob = await register(people, email)
    assert await bob.balance(await bob.account()) == 0
    assert await delivering.deliver() == 0
    assert (await bob.post(f"{TRANSFERS}/{transfer}/refunds", {})).json()["code"] == "TransferNotFound"


async def test_what_was_claimed_does_not_come_back(people: People, ada: Person, hers: str, sql: Sql) -> None:
    email = new_address()
    transfer = await _send(ada, to_email(hers, email))
    bob = await register(people, email)
    await bob.account()
    _overdue(sql, transfer)
    assert await delivering.give_back() == 0
    assert await ada.balance(hers) == 900


async def test_claiming_and_coming_back_at_the_same_moment_is_one_of_the_two(
    people: People, ada: Person, hers: str, sql: Sql
) -> None:
    email = new_address()
    bob = await register(people, email, verified=False)
    his = await bob.account()
    for _ in range(10):
        _overdue(sql, await _send(ada, to_email(hers, email, 10)))
    await state(bob, email_verified_at=datetime.now(UTC))
    await asyncio.gather(*(work() for work in (delivering.deliver, delivering.give_back) * 3))
    for _ in range(2):
        await delivering.deliver()
        await delivering.give_back()
    assert await ada.balance(hers) + await bob.balance(his) == 1000


async def test_it_comes_back_to_another_account_where_the_first_is_closed(ada: Person, sql: Sql) -> None:
    first, second = await ada.account(100), await ada.account()
    transfer = await _send(ada, to_email(first, new_address(), 100))
    sql("UPDATE money.accounts SET status = 'closed' WHERE id = %s", UUID(first))
    _overdue(sql, transfer)
    assert await delivering.give_back() == 1
    assert await ada.balance(second) == 100


async def test_where_there_is_no_account_to_come_back_to_it_waits_on(ada: Person, sql: Sql) -> None:
    only = await ada.account(100)
    transfer = await _send(ada, to_email(only, new_address(), 100))
    sql("UPDATE money.accounts SET status = 'closed' WHERE id = %s", UUID(only))
    _overdue(sql, transfer)
    assert await delivering.give_back() == 0
    assert _status(sql, transfer) == "waiting"
    later = await ada.account()
    assert await delivering.give_back() == 0  # looked at again a day later
    _overdue(sql, transfer)
    assert await delivering.give_back() == 1
    assert await ada.balance(later) == 100


async def test_an_administrator_can_take_back_what_waits(people: People, ada: Person, hers: str, sql: Sql) -> None:
    transfer = await _send(ada, to_email(hers, new_address(), 70))
    reverse = "SELECT money.reverse(uuidv7(), %s, '', %s, 'fraud', true)"
    first = sql(reverse, transfer, UUID(transfer))[0][0]
    assert "refused" not in first
    assert (await ada.balance(hers), _status(sql, transfer)) == (1000, "reversed")
    assert sql(reverse, "again" + transfer, UUID(transfer))[0][0] == {"refused": "TransferNotFound"}
    seen = (await ada.get(f"{TRANSFERS}/{first['transaction_id']}")).json()
    assert (seen["kind"], seen["amount"], seen["from_account_id"]) == ("reversal", 70, None)


# The database against whoever has its passwords ---------------------------------------------------------------------------------


@pytest.fixture
def app_role(database: str) -> Any:
    url = make_url(database)
    with psycopg.connect(
        user="artel_money", dbname=url.database, host=str(url.query["host"]), autocommit=True
    ) as connection:
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE money.claims SET person_id = uuidv7(), email_hash = NULL",
        "DELETE FROM money.claims",
        "INSERT INTO money.letters (kind, subject_id, muted) VALUES ('transfer', uuidv7(), false)",
        "SELECT * FROM money.letters",
        "UPDATE money.payment_requests SET status = 'accepted'",
        "UPDATE money.recurring_transfers SET amount = 1",
        "UPDATE money.recurring_runs SET status = 'due'",
        "SELECT money.deliver_to(uuidv7(), uuidv7(), uuidv7())",
        "SELECT money.pay(uuidv7(), uuidv7(), uuidv7(), 1, 'EUR', '', false)",
        "SELECT money.send_to(uuidv7(), uuidv7(), '', uuidv7(), '', 1, 'EUR', '')",
        "SELECT money.run_paid(NULL, '2026-01-01', uuidv7())",
        "SELECT identity.holder_of_address('')",
        "SELECT identity.holder_of_handle('ada')",
        "SELECT * FROM auth.users",
        "SELECT * FROM auth.mails",
    ],
)
def test_the_money_role_can_neither_look_people_up_nor_send_what_waits_elsewhere(
    app_role: psycopg.Connection, statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_role.execute(statement.encode())


@pytest.mark.parametrize("group", ["auth", "posts", "analytics"])
def test_no_other_group_can_have_money_moved_and_few_can_have_letters_written(database: str, group: str) -> None:
    refused = ["SELECT money.deliver(uuidv7())"]
    if group == "auth":  # posts write digests, analytics reports
        refused.append("SELECT identity.queue_letter('', '', '', '')")
    url = make_url(database)
    with psycopg.connect(
        user=f"artel_{group}", dbname=url.database, host=str(url.query["host"]), autocommit=True
    ) as connection:
        for statement in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_a_claim_stays_even_for_the_owner(sql: Sql) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        sql("DELETE FROM money.claims")


# Letters -------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def postbox(client: Any, monkeypatch: pytest.MonkeyPatch) -> list[Mail]:
    """Takes every letter from now on."""
    await _write_and_send()
    taken: list[Mail] = []

    async def take(mail: Mail) -> None:
        taken.append(mail)

    monkeypatch.setattr("auth.outbox.send", take)
    return taken


async def _write_and_send() -> None:
    await correspondence.write_letters()
    await outbox.deliver()


async def _letter(postbox: list[Mail]) -> Mail:
    await _write_and_send()
    (mail,) = postbox
    postbox.clear()
    return mail


async def test_an_unknown_address_is_invited_in_the_senders_language(
    ada: Person, hers: str, postbox: list[Mail]
) -> None:
    handle = await call(ada)
    for locale, subject, amount in (("en", "Somebody has sent you money with Artel", "10.50 EUR"), ("ru", "Вам отправили деньги через Artel", "10,50 EUR")):  # fmt: skip
        await state(ada, locale=locale)
        email = new_address()
        await _send(ada, to_email(await ada.account(2000), email, 1050, description="secret words"))
        mail = await _letter(postbox)
        assert (mail.to, mail.subject) == (email, subject)
        for body in (mail.text, mail.html):
            assert amount in body
            assert f"Ada (@{handle})" in body
            assert "secret words" not in body
            assert ada.email not in body


async def test_a_known_one_is_told_in_their_own_by_name(
    people: People, ada: Person, hers: str, postbox: list[Mail]
) -> None:
    email = new_address()
    bob = await register(people, email)
    await state(bob, locale="ru")
    await bob.account()
    await _send(ada, to_email(hers, email.upper()))
    mail = await _letter(postbox)
    assert (mail.to, mail.subject) == (email, "На ваш счёт в Artel пришли деньги")
    assert mail.text.startswith("Здравствуйте, Newcomer!")


async def test_who_has_no_account_in_the_currency_is_told_to_open_one(
    people: People, ada: Person, bob: Person, hers: str, postbox: list[Mail]
) -> None:
    email = new_address()
    await register(people, email)
    await _send(ada, to_email(hers, email))
    assert (await _letter(postbox)).subject == "Money is waiting for you in Artel"
    await _send(ada, to_handle(hers, await call(bob)))
    mail = await _letter(postbox)
    assert (mail.to, mail.subject) == (bob.email, "Money is waiting for you in Artel")


async def test_to_who_is_named_by_handle_and_has_an_account_no_letter_is_written(
    ada: Person, bob: Person, hers: str, postbox: list[Mail]
) -> None:
    await bob.account()
    await _send(ada, to_handle(hers, await call(bob)))
    await _write_and_send()
    assert postbox == []


@pytest.mark.parametrize("name", ["win.at/casino", "pay@evil.example", "www.evil.example"])
async def test_nobody_advertises_by_sending_a_cent(ada: Person, hers: str, postbox: list[Mail], name: str) -> None:
    await state(ada, display_name=name)
    await _send(ada, to_email(hers, new_address(), 1, description="visit evil.example"))
    mail = await _letter(postbox)
    assert name not in mail.text + mail.html
    assert "evil" not in mail.text + mail.html
    assert "Somebody with an account has sent 0.01 EUR" in mail.text


async def test_a_retry_and_a_refusal_write_no_letter(ada: Person, hers: str, postbox: list[Mail]) -> None:
    email = new_address()
    for _ in range(2):
        await ada.post(TRANSFERS, to_email(hers, email), "k")
    await ada.post(TRANSFERS, to_email(hers, new_address(), 10**6))
    await ada.post(TRANSFERS, to_email(hers, new_address(), 1, dry_run=True))
    assert (await _letter(postbox)).to == email


async def test_one_sender_causes_so_many_letters_a_day_and_money_is_sent_all_the_same(
    ada: Person, bob: Person, hers: str, postbox: list[Mail], sql: Sql
) -> None:
    same = new_address()
    for _ in range(7):
        await _send(ada, to_email(hers, same, 1))
    for _ in range(50):
        await _send(ada, to_email(hers, new_address(), 1))
    await _write_and_send()
    assert sum(mail.to == same for mail in postbox) == 5
    assert len(postbox) == 5 + 43
    assert await ada.balance(hers) == 1000 - 57
    postbox.clear()
    await _send(bob, to_email(await bob.account(10), same, 1))
    assert (await _letter(postbox)).to == same


async def test_what_has_come_back_meanwhile_is_not_written_about(
    ada: Person, hers: str, postbox: list[Mail], sql: Sql
) -> None:
    _overdue(sql, await _send(ada, to_email(hers, new_address())))
    await delivering.give_back()
    await _write_and_send()
    assert postbox == []


async def test_a_worker_that_dies_while_writing_loses_no_letter_and_writes_none_twice(
    ada: Person, hers: str, postbox: list[Mail], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(_about: letters.About) -> Mail:
        raise Killed

    email = new_address()
    await _send(ada, to_email(hers, email))
    with monkeypatch.context() as patch:
        patch.setattr(correspondence, "write", die)
        with pytest.raises(Killed):
            await correspondence.write_letters()
    assert sum(await asyncio.gather(*(correspondence.write_letters() for _ in range(4)))) == 1
    assert (await _letter(postbox)).to == email


@pytest.mark.parametrize(
    ("units", "exponent", "english", "russian"),
    [(1050, 2, "10.50 XXX", "10,50 XXX"), (5, 2, "0.05 XXX", "0,05 XXX"), (7, 0, "7 XXX", "7 XXX"), (1, 3, "0.001 XXX", "0,001 XXX")],
)  # fmt: skip
def test_amounts_are_written_as_people_write_them(units: int, exponent: int, english: str, russian: str) -> None:
    assert letters.amount(units, exponent, "XXX") == english
    assert letters.amount(units, exponent, "XXX", russian=True) == russian
