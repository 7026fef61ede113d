"""Pictures from strangers become two small squares of our own making."""

import asyncio
from typing import TYPE_CHECKING

from common import pictures

if TYPE_CHECKING:
    from PIL.Image import Image

SIZES = (512, 128)


async def squares(raw: bytes) -> dict[int, bytes]:
    """Side → WebP, from a PNG, JPEG, WebP or GIF; of a moving one the first picture. Raises InvalidImage."""
    async with pictures.gate():
        return await asyncio.to_thread(_squares, raw)


def _squares(raw: bytes) -> dict[int, bytes]:
    with pictures.opened(raw) as opened:
        opened.draft("RGB", (2 * SIZES[0], 2 * SIZES[0]))  # large JPEGs are decoded at a fraction of their size
        turn = pictures.turn(opened)
        square = _cut(opened)
        upright = square if turn is None else square.transpose(turn)
        return {side: _scaled(upright, side) for side in SIZES}


def _cut(opened: "Image") -> "Image":
    """The middle, small: all that comes after takes little memory."""
    from PIL import Image

    opened = pictures.smooth(opened)
    width, height = opened.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    box = (left, top, left + side, top + side)
    small = opened.resize((SIZES[0], SIZES[0]), Image.Resampling.LANCZOS, box=box)
    return small.convert("RGBA" if small.has_transparency_data else "RGB")


def _scaled(picture: "Image", side: int) -> bytes:
    from PIL import Image

    return pictures.webp(picture.resize((side, side), Image.Resampling.LANCZOS))
