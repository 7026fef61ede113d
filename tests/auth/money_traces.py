"""What somebody leaves behind in the money group: as a person by the API, as an administrator by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy.engine import make_url

from common.settings import settings
from money import upkeep
from tests.people import Person

_BY_HAND = """
INSERT INTO money.actions (actor_id, action, subject, reason) VALUES (%(me)s, 'x', uuidv7(), %(word)s);
INSERT INTO money.adjustments (account_id, amount, currency, reason, proposed_by) VALUES (%(mine)s, 1, 'EUR', %(word)s, %(me)s);
INSERT INTO money.adjustments (account_id, amount, currency, reason, proposed_by, decided_by, decided_at)
VALUES (%(mine)s, 1, 'EUR', 'x', uuidv7(), %(me)s, now());
INSERT INTO money.fee_rules (operation, currency, flat, rate, created_by, ended_at)
VALUES ('capture', 'EUR', 0, 0, %(me)s, now());
INSERT INTO money.limits (owner_id, currency, per_day, created_by) VALUES (%(me)s, 'EUR', 1000000, %(me)s);
INSERT INTO money.limits (owner_id, currency, per_day, created_by) VALUES (%(other)s, 'ISK', 1000000, %(me)s)
ON CONFLICT (owner_id, currency) DO UPDATE SET created_by = excluded.created_by;
INSERT INTO money.spent (owner_id, currency, day, amount) VALUES (%(me)s, 'JPY', '2026-01-01', 1);
INSERT INTO money.rates (base, quote, rate, spread, created_by, ended_at) VALUES ('EUR', 'ISK', 150, 0, %(me)s, now());
INSERT INTO money.reconciliations (
    provider, currency, period_start, period_end, our_total, their_total, difference, fees, matched, in_transit, unmatched,
    status, created_by
) VALUES ('sandbox', 'EUR', now() - interval '1 day', now(), 0, 0, 0, 0, 0, 0, 0, 'agrees', %(me)s);
INSERT INTO money.webhook_endpoints (owner_id, url, description, event_types)
VALUES (%(me)s, 'https://hooks.example/' || %(word)s, %(word)s, '{}');
INSERT INTO money.arrivals (person_id, at) VALUES (%(me)s, now()) ON CONFLICT DO NOTHING;
INSERT INTO money.payment_requests (requester_id, account_id, recipient, person_id, amount, currency, note, expires_at)
VALUES (%(other)s, %(theirs)s, %(word)s, %(me)s, 5, 'EUR', 'for the cake', now() + interval '1 day');
INSERT INTO money.recurring_transfers (
    owner_id, from_account_id, recipient, person_id, amount, currency, description, every, anchor_on, hour, start_on, status
) VALUES (%(other)s, %(theirs)s, %(word)s, %(me)s, 5, 'EUR', '', 'day', '2026-01-01', 0, '2026-01-01', 'paused');
INSERT INTO money.claims (
    transfer_id, sender_id, payer_account_id, recipient, person_id, amount, currency, status, expires_at
) SELECT id, %(other)s, %(theirs)s, %(word)s, %(me)s, 7, 'EUR', 'direct', now() FROM money.transactions
WHERE created_by = %(other)s AND kind = 'transfer' AND NOT EXISTS (
    SELECT FROM money.claims AS c WHERE c.transfer_id = transactions.id
) ORDER BY id DESC LIMIT 1;
"""


def _owner(statement: str, values: dict[str, Any]) -> None:
    given = settings().database_url
    assert given
    url = make_url(given.get_secret_value())
    with psycopg.connect(
        user=url.username, dbname=url.database, host=str(url.query["host"]), cursor_factory=psycopg.ClientCursor
    ) as connection:
        connection.execute("SET ROLE artel_owner")
        connection.execute(statement.encode(), values)


async def _made(person: Person, path: str, order: dict[str, Any], word: str) -> dict[str, Any]:
    answer = await person.post(f"/v1/money/{path}", order, key=f"{word}-{uuid4()}" if word else None)
    assert answer.status_code < 300, answer.text
    return dict(answer.json())


async def leave_money(person: Person, word: str, other: Person, mine: str, theirs: str) -> None:
    """`mine` has some money, and so has `theirs`, which is the other's; both have sent some to each other."""
    dollars = await person.account(currency="USD")
    euros = {"amount": 5, "currency": "EUR"}
    await _made(person, "holds", {**euros, "account_id": mine, "payee_account_id": theirs, "description": word}, word)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    await _made(person, "transfers", {**euros, "from_account_id": mine, "to_email": f"{word}@nobody.example"}, word)
    await _made(person, "payment-requests", {**euros, "account_id": mine, "note": word}, word)
    asked = await _made(other, "payment-requests", {**euros, "account_id": theirs}, "")
    await _made(person, f"payment-requests/{asked['id']}/accept", {"from_account_id": mine}, word)
    standing = {**euros, "from_account_id": mine, "to_account_id": theirs, "every": "month", "start_on": tomorrow}
    await _made(person, "recurring-transfers", {**standing, "description": word}, word)
    for _ in range(2):
        quote = await _made(
            person, "quotes", {"from_account_id": mine, "to_account_id": dollars, "sell_amount": 50}, word
        )
    await _made(person, "exchanges", {"quote_id": quote["id"]}, word)
    await upkeep.publish()
    _owner(_BY_HAND, {"me": person.id, "word": word, "mine": mine, "other": other.id, "theirs": theirs})
