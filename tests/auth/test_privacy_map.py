"""Every place that says whom it is about is known: to the export, to the erasure, or by a reason for neither.

A later table with a person's id fails here until somebody has decided what becomes of it.
"""

import psycopg
import pytest
from httpx import AsyncClient

from auth import erasure
from auth.export_areas import AREAS
from tests.auth.traces import leave
from tests.people import People, Person

EXPORTED = {
    "analytics.dashboards.user_id": "dashboards.json",
    "analytics.datasets.user_id": "datasets.json",
    "analytics.uploads.user_id": "uploads.json",
    "auth.audit_log.actor_id": "audit.json",
    "auth.audit_log.user_id": "audit.json",
    "auth.devices.user_id": "devices.json",
    "auth.exports.user_id": "exports.json",
    "auth.external_identities.user_id": "outside_identities.json",
    "auth.passkeys.user_id": "passkeys.json",
    "auth.personal_tokens.user_id": "personal_tokens.json",
    "auth.sessions.user_id": "sessions.json",
    "auth.totp.user_id": "authenticator.json",
    "auth.users.id": "account.json",
    "money.accounts.owner_id": "money_accounts.json",
    "money.actions.actor_id": "money_actions.json",
    "money.adjustments.decided_by": "money_actions.json",
    "money.adjustments.proposed_by": "money_actions.json",
    "money.claims.sender_id": "money_sent_to_people.json",
    "money.events.owner_id": "money_events.json",
    "money.exchanges.owner_id": "money_exchanges.json",
    "money.fee_rules.created_by": "money_actions.json",
    "money.holds.created_by": "money_holds.json",
    "money.idempotency_keys.principal_id": "money_requests.json",
    "money.limits.created_by": "money_actions.json",
    "money.limits.owner_id": "money_limits.json",
    "money.payment_requests.payer_id": "money_payment_requests.json",
    "money.payment_requests.person_id": "money_payment_requests.json",
    "money.payment_requests.requester_id": "money_payment_requests.json",
    "money.payments.owner_id": "money_payments.json",
    "money.quotes.owner_id": "money_exchanges.json",
    "money.rates.created_by": "money_actions.json",
    "money.reconciliations.created_by": "money_actions.json",
    "money.recurring_transfers.owner_id": "money_recurring_transfers.json",
    "money.spent.owner_id": "money_limits.json",
    "money.transactions.created_by": "money_entries.json",
    "money.webhook_endpoints.owner_id": "money_webhook_endpoints.json",
    "posts.idempotency_keys.person_id": "posts_requests.json",
    "posts.images.owner_id": "posts_images.json",
    "posts.moderation_actions.actor_id": "posts_moderation.json",
    "posts.posts.deleted_by": "posts.json",
    "posts.posts.editor_id": "posts_revisions.json",
    "posts.purchases.reader_id": "posts_purchases.json",
    "posts.revisions.editor_id": "posts_revisions.json",
    "posts.reports.reporter_id": "posts_reports.json",
    "posts.bookmarks.person_id": "posts_bookmarks.json",
    "posts.comments.author_id": "posts_comments.json",
    "posts.followed_authors.person_id": "posts_follows.json",
    "posts.followed_tags.person_id": "posts_follows.json",
    "posts.notification_settings.person_id": "posts_notification_settings.json",
    "posts.notifications.recipient_id": "posts_notifications.json",
    "posts.posts.author_id": "posts.json",
    "posts.reactions.person_id": "posts_reactions.json",
}
NOT_EXPORTED = {
    "money.arrivals.person_id": "a mark that something waits for them: it is gone when they have it",
    "money.claims.person_id": "whom somebody else has sent to; what came is in the entries",
    "money.recurring_transfers.person_id": "somebody else's plans; what came is in the entries",
    "posts.digests.person_id": "a mark that a letter is due: it is gone when they have it",
    "posts.followed_authors.author_id": "whom somebody else follows",
    "posts.search_documents.author_id": "a copy of what stands in posts",
    "posts.notifications.actor_id": "what somebody else was told",
    "auth.challenges.user_id": "half a sign-in: lives for minutes, and holds secrets",
    "auth.mail_tokens.user_id": "secrets of letters that the person has",
    "auth.recovery_codes.user_id": "nothing but hashes; the person has the codes",
}
KEPT_AFTER_ERASURE = {
    "auth.audit_log.actor_id": "what happened stays known, by an id that names nobody any more",
    "auth.audit_log.user_id": "what happened stays known, by an id that names nobody any more",
    "auth.users.id": "the row that says that this id is nobody",
    "money.accounts.owner_id": "the ledger must balance, and others' histories be whole",
    "money.actions.actor_id": "what administrators did stays known",
    "money.adjustments.decided_by": "what administrators did stays known",
    "money.adjustments.proposed_by": "what administrators did stays known",
    "money.claims.person_id": "somebody else's transfer",
    "money.claims.sender_id": "the money is on its way to somebody, or back",
    "money.exchanges.owner_id": "the other side of the house's own books",
    "money.fee_rules.created_by": "what administrators did stays known",
    "money.holds.created_by": "others' histories must be whole; its words are blanked",
    "money.limits.created_by": "what administrators did stays known",
    "money.payment_requests.payer_id": "somebody else's request",
    "money.payment_requests.person_id": "somebody else's request",
    "money.payment_requests.requester_id": "who paid it can see that they did; its words are blanked",
    "money.payments.owner_id": "must agree with the provider's list",
    "money.quotes.owner_id": "of those that were taken: the exchange stands on it",
    "money.rates.created_by": "what administrators did stays known",
    "money.reconciliations.created_by": "what administrators did stays known",
    "money.recurring_transfers.person_id": "somebody else's plans",
    "money.transactions.created_by": "the ledger is never rewritten; its words are blanked",
    "posts.moderation_actions.actor_id": "what moderators did stays known; their words are blanked",
    "posts.purchases.reader_id": "the seller's books: what was paid, by an id that names nobody any more",
    "posts.reports.reporter_id": "that it was reported stays known; the words are blanked",
}
# Columns that are ids of something else than a person.
NOT_A_PERSON = {
    "auth.audit_log.session_id",
    "auth.users.avatar_id",
    "money.actions.subject",
    "money.deltas.transaction_id",
    "money.seals.transaction_id",
    "money.idempotency_keys.transaction_id",
    "money.letters.subject_id",
    "money.reconciliation_lines.payment_id",
    "money.reconciliation_lines.transaction_id",
    "money.deltas.account_id",
    "analytics.money_daily.account_id",
    "analytics.uploads.replaces",
    "money.entries.account_id",
    "money.outbox.transaction_id",
    "money.seals.accounts",
    "money.sandbox_orders.payment_id",
    "money.entries.transaction_id",
    "posts.moderation_actions.subject_id",
    "posts.moderation_cases.subject_id",
    "posts.posts.price_account_id",
    "posts.purchases.payee_account_id",
    "posts.purchases.post_id",
    "posts.purchases.transaction_id",
    "posts.counter_deltas.post_id",
    "posts.idempotency_keys.subject_id",
    "posts.search_documents.tag_ids",
}

# Ids of anything, unless the column is its table's own id or points at another table than the one of people.
_CANDIDATES = """
    SELECT format('%s.%s.%s', c.table_schema, c.table_name, c.column_name)
    FROM information_schema.columns AS c
    JOIN information_schema.tables AS t USING (table_schema, table_name)
    WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
        AND c.udt_name IN ('uuid', '_uuid') AND c.column_name <> 'id'
        AND NOT EXISTS (
            SELECT FROM pg_constraint AS f
            JOIN pg_attribute AS a ON a.attrelid = f.conrelid AND a.attnum = ANY (f.conkey)
            WHERE f.contype = 'f' AND f.conrelid = format('%I.%I', c.table_schema, c.table_name)::regclass
                AND a.attname = c.column_name AND f.confrelid <> 'auth.users'::regclass
        )"""

_ALL_UUIDS = """
    SELECT c.table_schema, c.table_name, c.column_name FROM information_schema.columns AS c
    JOIN information_schema.tables AS t USING (table_schema, table_name)
    WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
        AND c.udt_name = 'uuid'"""


def _holding(connection: psycopg.Connection, person: Person) -> set[str]:
    """Columns in which this person's id stands, whatever they are called."""
    found = set()
    for schema, table, column in connection.execute(_ALL_UUIDS).fetchall():
        query = f'SELECT EXISTS (SELECT FROM "{schema}"."{table}" WHERE "{column}" = %s)'
        row = connection.execute(query.encode(), [person.id]).fetchone()
        if row and row[0]:
            found.add(f"{schema}.{table}.{column}")
    return found


def test_every_column_that_may_hold_a_person_is_exported_or_there_is_a_reason(
    owner_connection: psycopg.Connection,
) -> None:
    candidates = {row[0] for row in owner_connection.execute(_CANDIDATES)} - NOT_A_PERSON
    assert candidates | {"auth.users.id"} == EXPORTED.keys() | NOT_EXPORTED.keys()
    assert set(EXPORTED.values()) == AREAS.keys()


@pytest.mark.usefixtures("store")
async def test_every_column_that_does_hold_one_is_on_the_map(
    client: AsyncClient, people: People, bob: Person, owner_connection: psycopg.Connection
) -> None:
    """And the other way round: who leaves traces everywhere leaves them in every place of the map."""
    traces = await leave(client, people, bob)
    assert _holding(owner_connection, traces.person) == EXPORTED.keys() | NOT_EXPORTED.keys()


@pytest.mark.usefixtures("store")
async def test_after_erasure_an_id_stands_only_where_there_is_a_reason(
    client: AsyncClient, people: People, bob: Person, owner_connection: psycopg.Connection
) -> None:
    traces = await leave(client, people, bob)
    left = "UPDATE auth.users SET deleted_at = now() - interval '31 days' WHERE id = %s"
    owner_connection.execute(left, [traces.person.id])
    await erasure.erase_all()
    assert _holding(owner_connection, traces.person) ^ KEPT_AFTER_ERASURE.keys() == set()
