"""Where files stand in the bucket, and whose they are."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from uuid import UUID

_UNSAFE = re.compile(r"[^\w.() -]", re.ASCII)


@dataclass(frozen=True, slots=True)
class UploadKey:
    """`uploads/{user}/{upload}/{file}` comes through the API, `drop/{user}/…{file}` from any S3 client."""

    user_id: UUID
    upload_id: UUID | None
    filename: str


def upload_key(user_id: UUID, upload_id: UUID, filename: str) -> str:
    """ASCII only: not every S3 client and emulator agrees on how to escape the rest. The row keeps the real name."""
    return f"uploads/{user_id}/{upload_id}/{_UNSAFE.sub('_', filename)}"


def dataset_folder(dataset_id: UUID) -> str:
    return f"datasets/{dataset_id}/"


def revision_folder(dataset_id: UUID, upload_id: UUID, revision: int) -> str:
    """Of what one reading of one workbook made: two that are read at the same time do not write over each other."""
    return f"{dataset_folder(dataset_id)}{revision}-{upload_id}/"


def parquet_key(dataset_id: UUID, upload_id: UUID, revision: int, position: int) -> str:
    return f"{revision_folder(dataset_id, upload_id, revision)}table-{position}.parquet"


def parse_upload_key(key: str) -> UploadKey | None:
    """None for a key that is not an upload's."""
    parts = PurePosixPath(key).parts
    try:
        match parts:
            case ("uploads", user, upload, filename):
                return UploadKey(UUID(user), UUID(upload), filename)
            case ("drop", user, *_, filename):
                return UploadKey(UUID(user), None, filename)
    except ValueError:
        return None
    return None
