"""Writing under an Idempotency-Key: a request that is sent again makes nothing new, for 30 days."""

from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.batches import in_batches
from common.idempotency import IdempotencyKeyReused, Key
from common.models.posts_keys import IdempotencyKey

_MOST = 10_000
_FORGET = text("""
    WITH gone AS (
        DELETE FROM posts.idempotency_keys WHERE (person_id, key) IN (
            SELECT person_id, key FROM posts.idempotency_keys WHERE created_at < now() - interval '30 days'
            ORDER BY created_at LIMIT :most FOR UPDATE SKIP LOCKED
        ) RETURNING key
    ) SELECT count(*) FROM gone""")


async def identifier(
    session: AsyncSession, person: UUID, key: Key | None, operation: str, *sent: BaseModel | UUID
) -> tuple[UUID, bool]:
    """The id of what is to be made, and whether an earlier request with this key has made it.

    A twin that is still at work is waited for. Raises IdempotencyKeyReused.
    """
    new: UUID = (await session.execute(select(func.uuidv7()))).scalar_one()
    if key is None:
        return new, False
    request = key.request(person, operation, *sent)
    values = {"person_id": person, "key": request.key, "fingerprint": request.fingerprint, "subject_id": new}
    claimed = insert(IdempotencyKey).values(values).on_conflict_do_nothing().returning(IdempotencyKey.subject_id)
    if await session.scalar(claimed) is not None:
        return new, False
    earlier = await session.get_one(IdempotencyKey, (person, request.key))
    if earlier.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused
    return earlier.subject_id, True


async def forget() -> int:
    """Keys that nobody will send again. Returns how many."""
    return await in_batches("posts", _FORGET, _MOST)
