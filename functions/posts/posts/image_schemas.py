from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from common.schemas import Strict

MAX_BYTES = 15 * 1024 * 1024

FileName = Literal["320.webp", "800.webp", "1600.webp"]


class ImageCreate(Strict):
    """The file you are about to send."""

    content_type: Literal["image/png", "image/jpeg", "image/webp", "image/gif"]
    bytes: Annotated[int, Field(strict=True, ge=1, le=MAX_BYTES)]


class ImageForm(BaseModel):
    """Send the file to `url` as multipart/form-data: first all of `fields`, then `file`. Then POST images/{id}/complete."""

    id: UUID
    url: str
    fields: dict[str, str]


class ImageCopy(BaseModel):
    """`url` is a path of this API, for Markdown to name; what is there never changes."""

    width: int
    height: int
    url: str


class ImageRead(BaseModel):
    """`width` and `height` are of the file that was sent, upright. `copies` are smallest first, and none is larger."""

    id: UUID
    state: Literal["waiting", "ready", "refused"]
    width: int | None
    height: int | None
    copies: list[ImageCopy]
