"""What somebody is told, what of it they have seen, and what they want to be told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from common.pagination import decode_cursor, encode_cursor
from posts.community_schemas import (
    NotificationPage,
    NotificationRead,
    NotificationSettingsChange,
    NotificationSettingsRead,
)
from posts.schemas import Author

_KINDS = ("comment", "reply", "mention", "follower", "reaction", "post")
_MOST_UNREAD = 100

_UNREAD = text("""
    SELECT count(*) FROM (
        SELECT FROM posts.notifications AS n
        WHERE n.recipient_id = :person AND n.read_at IS NULL AND posts.shows(n) LIMIT :most
    ) AS unread""")
_READ = text("""
    UPDATE posts.notifications SET read_at = now()
    WHERE recipient_id = :person AND read_at IS NULL AND (CAST(:up_to AS uuid) IS NULL OR (at, id) <= (
        SELECT u.at, u.id FROM posts.notifications AS u WHERE u.id = :up_to AND u.recipient_id = :person
    ))""")
_SETTINGS = text("SELECT muted, digest FROM posts.notification_settings WHERE person_id = :person")
_SET = text("""
    INSERT INTO posts.notification_settings (person_id, muted, digest) VALUES (:person, :muted, :digest)
    ON CONFLICT (person_id) DO UPDATE SET muted = excluded.muted, digest = excluded.digest""")
_NO_LETTER = text("DELETE FROM posts.digests WHERE person_id = :person")
# Sooner if the new interval says so; and what waited while letters were off is in the next one.
_LETTER = text("""
    INSERT INTO posts.digests AS d (person_id, due_at)
    SELECT :person, now() + CASE CAST(:digest AS text) WHEN 'daily' THEN interval '1 day' ELSE interval '7 days' END
    WHERE EXISTS (
        SELECT FROM posts.notifications WHERE recipient_id = :person AND read_at IS NULL AND mailed_at IS NULL
    )
    ON CONFLICT (person_id) DO UPDATE SET due_at = least(d.due_at, excluded.due_at)""")


def _list(*, later: bool) -> str:
    return f"""
    SELECT n.*, p.slug, p.title, who.display_name FROM posts.notifications AS n
    LEFT JOIN posts.posts AS p ON p.id = n.post_id LEFT JOIN identity.people AS who ON who.id = n.actor_id
    WHERE n.recipient_id = :person AND posts.shows(n) {"AND (n.at, n.id) < (:at, :id)" if later else ""}
    ORDER BY n.at DESC, n.id DESC LIMIT :most"""  # noqa: S608 - of constants


async def list_notifications(session: AsyncSession, person: UUID, cursor: str | None, limit: int) -> NotificationPage:
    after = decode_cursor(cursor, tuple[datetime, UUID]) if cursor else None
    values: dict[str, object] = {"person": person, "most": limit + 1}
    if after:
        values |= {"at": after[0], "id": after[1]}
    rows = (await session.execute(text(_list(later=after is not None)), values)).all()
    unread = int(await session.scalar(_UNREAD, {"person": person, "most": _MOST_UNREAD}) or 0)
    items = [
        NotificationRead(
            id=row.id,
            kind=row.kind,
            actor=Author(id=row.actor_id, display_name=row.display_name or "") if row.actor_id else None,
            post_id=row.post_id,
            post_slug=row.slug,
            post_title=row.title,
            comment_id=row.comment_id,
            people=row.people,
            at=row.at,
            read_at=row.read_at,
        )
        for row in rows[:limit]
    ]
    last = encode_cursor((items[-1].at, items[-1].id)) if len(rows) > limit else None
    return NotificationPage(items=items, next_cursor=last, unread=unread)


async def mark_read(session: AsyncSession, person: UUID, up_to: UUID | None) -> None:
    """An id that is not one of theirs marks nothing."""
    await session.execute(_READ, {"person": person, "up_to": up_to})


async def settings_of(session: AsyncSession, person: UUID) -> NotificationSettingsRead:
    row = (await session.execute(_SETTINGS, {"person": person})).one_or_none()
    if row is None:
        return NotificationSettingsRead()
    return NotificationSettingsRead(**dict.fromkeys(row.muted, False), digest=row.digest)


async def change_settings(
    session: AsyncSession, person: UUID, change: NotificationSettingsChange
) -> NotificationSettingsRead:
    muted = [kind for kind in _KINDS if not getattr(change, kind)]
    await session.execute(_SET, {"person": person, "muted": muted, "digest": change.digest})
    if change.digest == "off":
        await session.execute(_NO_LETTER, {"person": person})
    else:
        await session.execute(_LETTER, {"person": person, "digest": change.digest})
    return await settings_of(session, person)
