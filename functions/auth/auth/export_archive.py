"""A person's data as a zip file on disk, written row by row: it may be larger than memory."""

import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from auth import export_readme
from auth.export_areas import AREAS
from common import storage
from common.models.auth import User

type StillMine = Callable[[], Awaitable[None]]
"""Called now and then; raises when somebody else has taken the export over."""

_ROWS_AT_ONCE = 500
_FILES = text("SELECT bucket, key, upload_id, filename FROM identity.stored_files(:person) WHERE upload_id IS NOT NULL")
_PICTURES = text("SELECT bucket, key, id FROM identity.stored_pictures(:person)")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_LONGEST_NAME = 120


async def write(session: AsyncSession, user: User, path: Path, still_mine: StillMine) -> None:
    """Raises StorageUnavailable."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", export_readme.text(user.locale, f"{datetime.now(UTC):%Y-%m-%d %H:%M}"))
        for name, query in AREAS.items():
            await still_mine()
            await _write_rows(archive, name, _rows(session, query, user.id))
        async for name, bucket, key in _files(session, user):
            await still_mine()
            await _add(archive, f"files/{name}", bucket, key, path.parent)


async def _rows(session: AsyncSession, query: str, person: UUID) -> AsyncIterator[str]:
    """By a cursor of the server's, a few hundred at a time."""
    rows = await session.stream(text(query), {"person": person}, execution_options={"yield_per": _ROWS_AT_ONCE})
    async for row in rows:
        yield row[0]


async def _write_rows(archive: ZipFile, name: str, rows: AsyncIterator[str]) -> None:
    with archive.open(name, "w", force_zip64=True) as out:
        begin = "[\n"
        async for row in rows:
            out.write(f"{begin}{row}".encode())
            begin = ",\n"
        out.write(b"[]\n" if begin == "[\n" else b"\n]\n")


async def _files(session: AsyncSession, user: User) -> AsyncIterator[tuple[str, str, str]]:
    """(name in the archive, bucket, key)."""
    if user.avatar_id:
        yield "picture.webp", storage.accounts_bucket(), f"avatars/{user.id}/{user.avatar_id}/512.webp"
    for row in (await session.execute(_FILES, {"person": user.id})).all():
        # The id keeps two files of one name apart, and a name of dots from being a folder.
        yield f"workbooks/{row.upload_id}-{_UNSAFE.sub('_', row.filename)[-_LONGEST_NAME:]}", row.bucket, row.key
    for row in (await session.execute(_PICTURES, {"person": user.id})).all():
        yield f"pictures/{row.id}.webp", row.bucket, row.key


async def _add(archive: ZipFile, name: str, bucket: str, key: str, folder: Path) -> None:
    """A file that was announced and never sent is left out."""
    with tempfile.NamedTemporaryFile(dir=folder) as copy:
        if await storage.download_if_there(bucket, key, Path(copy.name)):
            archive.write(copy.name, name, compress_type=ZIP_STORED)  # they are compressed as they are
