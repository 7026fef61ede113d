"""What an export holds: file → the query that gives its objects. No secrets, no hashes, nothing of other people.

A new table that says something about a person belongs here; tests/auth/test_privacy_map.py asks about each one.
"""

_AUTH = {
    "account": """SELECT id, email, email_verified_at, display_name, handle, locale, full_name, about, phone, birth_date,
        country, city, time_zone, roles, password_hash IS NOT NULL AS has_password, password_changed_at, disabled_at,
        created_at, updated_at FROM auth.users WHERE id = :person""",
    "sessions": """SELECT id, amr, scope, address, user_agent, personal_token_id, created_at, rotated_at AS last_used_at,
        expires_at, revoked_at FROM auth.sessions WHERE user_id = :person ORDER BY id""",
    "devices": "SELECT id, created_at, last_seen_at FROM auth.devices WHERE user_id = :person ORDER BY created_at",
    "authenticator": "SELECT created_at, confirmed_at FROM auth.totp WHERE user_id = :person",
    "passkeys": """SELECT id, name, transports, backed_up, created_at, last_used_at FROM auth.passkeys
        WHERE user_id = :person ORDER BY id""",
    "personal_tokens": """SELECT id, name, scope, created_at, expires_at, last_used_at, revoked_at
        FROM auth.personal_tokens WHERE user_id = :person ORDER BY id""",
    "outside_identities": """SELECT id, provider, issuer, subject, email, created_at, last_used_at
        FROM auth.external_identities WHERE user_id = :person ORDER BY id""",
    # Where an administrator was, and whom this person dealt with as one, are other people's.
    "audit": """SELECT at, event, CASE WHEN actor_id = :person THEN 'you' ELSE 'somebody else' END AS by,
        CASE WHEN user_id = :person THEN 'you' ELSE 'somebody else' END AS concerning,
        CASE WHEN actor_id = :person THEN address END AS address,
        CASE WHEN actor_id = :person THEN user_agent END AS user_agent,
        session_id, CASE WHEN user_id = :person THEN detail END AS detail
        FROM auth.audit_log WHERE user_id = :person OR actor_id = :person ORDER BY id""",
    "exports": """SELECT id, status, bytes, created_at, finished_at, expires_at FROM auth.exports
        WHERE user_id = :person ORDER BY id""",
}
_OTHER_GROUPS = (
    "money_accounts",
    "money_entries",
    "money_requests",
    "money_holds",
    "money_payments",
    "money_events",
    "money_webhook_endpoints",
    "money_limits",
    "money_sent_to_people",
    "money_payment_requests",
    "money_recurring_transfers",
    "money_exchanges",
    "money_actions",
    "posts",
    "posts_revisions",
    "posts_purchases",
    "posts_reports",
    "posts_moderation",
    "posts_images",
    "posts_comments",
    "posts_reactions",
    "posts_bookmarks",
    "posts_follows",
    "posts_notifications",
    "posts_notification_settings",
    "posts_requests",
    "uploads",
    "datasets",
    "dashboards",
)

AREAS: dict[str, str] = {
    **{f"{area}.json": f"SELECT row_to_json(line)::text FROM ({query}) AS line" for area, query in _AUTH.items()},  # noqa: S608
    **{f"{area}.json": f"SELECT identity.export_{area}(:person)::text" for area in _OTHER_GROUPS},
}
