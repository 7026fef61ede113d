"""Local copies of Parquet files, kept between queries under the file's ETag: a file that changed has another name."""

import asyncio
import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from common import storage
from common.models.analytics import DatasetTable

_KEPT_BYTES = 256 * 1024 * 1024
"""A Lambda's /tmp holds 512 MB, and a workbook being read needs some of it."""
_downloads: dict[Path, asyncio.Lock] = {}


def _folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"artel-datasets-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


async def local_copy(table: DatasetTable) -> Path:
    """Of the table's file. Concurrent queries download it once."""
    name = hashlib.sha256(f"{table.bucket}/{table.key}/{table.etag}".encode()).hexdigest()
    path = _folder() / f"{name}.parquet"
    async with _downloads.setdefault(path, asyncio.Lock()):
        if path.exists():
            path.touch()  # the least recently used go first
        else:
            partial = path.with_suffix(f".{os.getpid()}")
            await storage.download(table.bucket, table.key, partial)
            partial.replace(path)
            _evict(path)
    _downloads.pop(path, None)
    return path


def _evict(newest: Path) -> None:
    files = [(path.stat(), path) for path in newest.parent.glob("*.parquet") if path != newest]
    kept = newest.stat().st_size
    for status, path in sorted(files, key=lambda item: item[0].st_mtime, reverse=True):
        kept += status.st_size
        if kept > _KEPT_BYTES:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
