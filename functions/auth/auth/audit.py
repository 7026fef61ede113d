"""The audit log: what happened to an account, and who did it."""

from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.client import Client
from common.models.auth_records import AuditEntry

type Event = Literal[
    "registered",
    "registered_again",
    "email_verified",
    "email_change_asked",
    "email_changed",
    "signed_in",
    "sign_in_failed",
    "refresh_token_replayed",
    "signed_out",
    "session_revoked",
    "sessions_revoked",
    "password_changed",
    "password_reset_asked",
    "password_reset",
    "profile_changed",
    "avatar_changed",
    "totp_enabled",
    "totp_disabled",
    "recovery_codes_made",
    "recovery_code_used",
    "passkey_added",
    "passkey_removed",
    "token_created",
    "token_revoked",
    "token_exchanged",
    "identity_linked",
    "identity_unlinked",
    "export_asked",
    "export_ready",
    "export_read",
    "deletion_asked",
    "restored",
    "erased",
    "disabled",
    "enabled",
    "roles_changed",
    "key_rotated",
]


async def note(
    session: AsyncSession,
    event: Event,
    user_id: UUID | None,
    client: Client | None = None,
    *,
    actor_id: UUID | Literal["nobody"] | None = None,
    session_id: UUID | None = None,
    **detail: Any,
) -> None:
    """Stands and falls with the request's transaction. Without `actor_id` the person acted themselves; "nobody" is
    signed in where an operator gives a command.

    `detail` must be JSON and must not say who anybody is: entries outlive accounts.
    """
    actor = None if actor_id == "nobody" else actor_id or user_id
    entry = AuditEntry(event=event, user_id=user_id, actor_id=actor, session_id=session_id, detail=detail)
    if client is not None:
        entry.address, entry.user_agent, entry.request_id = client.address, client.user_agent, client.request_id
    session.add(entry)
    await session.flush()
