"""Pictures from strangers: what is taken for one, and what becomes of it. Not one byte of the file is kept."""

import asyncio
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

from common.errors import Unprocessable

if TYPE_CHECKING:
    from PIL.Image import Image, Transpose

CONTENT_TYPE = "image/webp"
_MAX_PIXELS = 40_000_000
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_QUALITY = 85
_SIMULTANEOUS = 1
"""40 million pixels take up to 350 MB and a second while they are looked at, of a WebP 650 MB."""
_SMOOTH = ("L", "LA", "RGB", "RGBA", "CMYK")
"""What can be made smaller as it is; colours by number, for one, have to be looked up first."""
_ORIENTATION = 0x0112
# Exif's number → Pillow's Transpose, by value: it is imported late.
_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
_OTHER_THINGS = (b"%pdf-", b"<script", b"<html", b"<?php")
# What Pillow's decoders raise at damaged files.
_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    ArithmeticError,
    struct.error,
    zlib.error,
)


class InvalidImage(Unprocessable):
    """The file is not a PNG, JPEG, WebP or GIF picture of a sensible size."""


@cache
def gate() -> asyncio.Semaphore:
    """To be held while a picture is looked at."""
    return asyncio.Semaphore(_SIMULTANEOUS)


@contextmanager
def opened(raw: bytes) -> "Iterator[Image]":
    """A PNG, JPEG, WebP or GIF of at most 40 million pixels; of a moving one the first picture.

    Raises InvalidImage, also at whatever turns out to be damaged while it is worked on.
    """
    from zipfile import is_zipfile

    from PIL import Image

    # A file that is something else as well is nobody's picture. Cameras do append to JPEGs, so that alone is no sign.
    lowered = raw.lower()
    if is_zipfile(BytesIO(raw)) or any(sign in lowered for sign in _OTHER_THINGS):
        raise InvalidImage
    try:
        with Image.open(BytesIO(raw), formats=_FORMATS) as picture:
            # Before anything is unpacked: the header tells.
            if not 0 < picture.width * picture.height <= _MAX_PIXELS:
                raise InvalidImage
            yield picture
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, *_DAMAGED) as error:
        raise InvalidImage from error


def turn(picture: "Image") -> "Transpose | None":
    """What makes it upright, by what the camera has noted."""
    from PIL import Image

    noted = _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    return None if noted is None else Image.Transpose(noted)


def smooth(picture: "Image") -> "Image":
    """As it is, or in colours that can be mixed."""
    if picture.mode in _SMOOTH:
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def webp(picture: "Image") -> bytes:
    """Without whatever else was in the file."""
    out = BytesIO()
    picture.save(out, "WEBP", quality=_QUALITY, method=4, exif=b"", xmp=b"", icc_profile=b"")
    return out.getvalue()
