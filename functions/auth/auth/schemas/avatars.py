from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from common.schemas import Strict

MAX_BYTES = 10 * 1024 * 1024

type Size = Literal["128", "512"]


class AvatarUpload(Strict):
    """The file you are about to send."""

    content_type: Literal["image/png", "image/jpeg", "image/webp", "image/gif"]
    bytes: Annotated[int, Field(strict=True, ge=1, le=MAX_BYTES)]


class AvatarForm(BaseModel):
    """Send the file to `url` as multipart/form-data: first all of `fields`, then `file`. Then PUT me/avatar `upload_id`."""

    upload_id: UUID
    url: str
    fields: dict[str, str]


class AvatarChoice(Strict):
    upload_id: UUID
