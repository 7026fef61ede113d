"""Pictures from strangers become two small squares of our own making; not one byte of the file is kept."""

import asyncio
import struct
import zlib
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

from auth.errors import InvalidImage

if TYPE_CHECKING:
    from PIL.Image import Image

SIZES = (512, 128)
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


@cache
def _gate() -> asyncio.Semaphore:
    return asyncio.Semaphore(_SIMULTANEOUS)


async def squares(raw: bytes) -> dict[int, bytes]:
    """Side → WebP, from a PNG, JPEG, WebP or GIF; of a moving one the first picture. Raises InvalidImage."""
    async with _gate():
        return await asyncio.to_thread(_squares, raw)


def _squares(raw: bytes) -> dict[int, bytes]:
    from zipfile import is_zipfile

    from PIL import Image

    # A file that is something else as well is nobody's portrait. Cameras do append to JPEGs, so that alone is no sign.
    lowered = raw.lower()
    if is_zipfile(BytesIO(raw)) or any(sign in lowered for sign in _OTHER_THINGS):
        raise InvalidImage
    try:
        with Image.open(BytesIO(raw), formats=_FORMATS) as opened:
            _check_size(opened)
            opened.draft("RGB", (2 * SIZES[0], 2 * SIZES[0]))  # large JPEGs are decoded at a fraction of their size
            turned = _TURNS.get(opened.getexif().get(_ORIENTATION, 1))
            square = _cut(opened)
            upright = square if turned is None else square.transpose(Image.Transpose(turned))
            return {side: _webp(upright, side) for side in SIZES}
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, *_DAMAGED) as error:
        raise InvalidImage from error


def _check_size(opened: "Image") -> None:
    """Before anything is unpacked: the header tells."""
    width, height = opened.size
    if not 0 < width * height <= _MAX_PIXELS:
        raise InvalidImage


def _cut(opened: "Image") -> "Image":
    """The middle, small: all that comes after takes little memory."""
    from PIL import Image

    if opened.mode not in _SMOOTH:
        opened = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
    width, height = opened.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    box = (left, top, left + side, top + side)
    small = opened.resize((SIZES[0], SIZES[0]), Image.Resampling.LANCZOS, box=box)
    return small.convert("RGBA" if small.has_transparency_data else "RGB")


def _webp(picture: "Image", side: int) -> bytes:
    from PIL import Image

    scaled = picture.resize((side, side), Image.Resampling.LANCZOS)
    out = BytesIO()
    scaled.save(out, "WEBP", quality=_QUALITY, method=4, exif=b"", xmp=b"", icc_profile=b"")
    return out.getvalue()
