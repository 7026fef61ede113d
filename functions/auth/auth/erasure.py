"""Thirty days after somebody deleted their account nothing is left that says who they were: only an id that others' money
has moved from and to, and lines in the audit log that say what happened to it.
"""

from datetime import timedelta

from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit
from common import storage
from common.db import transaction
from common.models.auth import Device, PersonalToken, Session, User
from common.models.auth_proofs import Challenge, ExternalIdentity, MailToken, Passkey, RecoveryCode, Totp
from common.models.auth_records import Export, QueuedMail

REGRET = timedelta(days=30)

# Sessions before the personal tokens they came from.
_OWNED = (Session, PersonalToken, Device, Passkey, Totp, RecoveryCode, ExternalIdentity, Challenge, MailToken, Export)
_PROFILE = ("handle", "full_name", "about", "phone", "birth_date", "country", "city", "time_zone", "avatar_id")
_PROOFS = ("email_verified_at", "password_hash", "disabled_at")
_STORED_FILES = text("SELECT DISTINCT bucket, key FROM identity.stored_files(:person)")
_ELSEWHERE = text("SELECT identity.erase(:person)")


async def erase_all() -> int:
    """Everybody whose time is up. Returns how many they were."""
    erased = 0
    while await _erase_one():
        erased += 1
    return erased


async def _erase_one() -> bool:
    """In one transaction; the files first, since after it no row would tell where they are.

    Any one of those who are due: somebody whose files cannot be deleted today must not keep the others waiting.
    """
    due = select(User).where(User.deleted_at <= func.now() - REGRET, User.erased_at.is_(None))
    async with transaction("auth") as session:
        user = await session.scalar(due.order_by(func.random()).limit(1).with_for_update(skip_locked=True))
        if user is None:
            return False
        await _delete_files(session, user)
        await session.execute(_ELSEWHERE, {"person": user.id})
        await _delete_rows(session, user)
        _anonymise(user)
        await session.flush()
        await audit.note(session, "erased", user.id)
    return True


async def _delete_files(session: AsyncSession, user: User) -> None:
    for bucket, key in (await session.execute(_STORED_FILES, {"person": user.id})).all():
        await storage.delete(bucket, key)
    has_export = select(Export.id).where(Export.user_id == user.id, Export.object_key.is_not(None)).exists()
    has_files = user.avatar_id is not None or await session.scalar(select(has_export))
    if has_files or storage.has_accounts_bucket():
        for prefix in ("avatars/incoming", "avatars", "exports"):
            await storage.delete(storage.accounts_bucket(), f"{prefix}/{user.id}/")


async def _delete_rows(session: AsyncSession, user: User) -> None:
    asked_for = select(MailToken.email).where(MailToken.user_id == user.id)
    to_them = or_(QueuedMail.recipient == user.email, QueuedMail.recipient.in_(asked_for))
    await session.execute(delete(QueuedMail).where(to_them))
    for model in _OWNED:
        await session.execute(delete(model).where(model.user_id == user.id))


def _anonymise(user: User) -> None:
    for name in (*_PROFILE, *_PROOFS):
        setattr(user, name, None)
    user.email = user.email_key = f"deleted+{user.id}@deleted.invalid"
    user.display_name, user.locale, user.roles = "Deleted account", "en", []
    user.updated_at = user.erased_at = func.now()
