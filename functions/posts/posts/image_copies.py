"""Copies of a picture for pages of several widths."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common import pictures

if TYPE_CHECKING:
    from PIL.Image import Image

SIZES = (320, 800, 1600)
"""The greatest widths, in pixels."""
_TALLEST = 4
"""Times the greatest width: a strip is made narrower rather than endless."""
_SIDEWAYS = (5, 4, 6, 2)
"""Pillow's Transposes that swap width and height."""


@dataclass(frozen=True, slots=True)
class Copies:
    width: int
    height: int
    files: dict[int, bytes]


def fitted(width: int, height: int, size: int) -> tuple[int, int]:
    """Width and height of a copy: never larger than the picture, never less than a pixel."""
    factor = min(1.0, size / width, size * _TALLEST / height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def sizes_of(width: int, height: int) -> list[int]:
    """Up to the first that shows all of its pixels."""
    whole = [size for size in SIZES if fitted(width, height, size) == (width, height)]
    return [size for size in SIZES if size <= min(whole, default=SIZES[-1])]


async def made(raw: bytes) -> Copies:
    """WebP by size, of a PNG, JPEG, WebP or GIF; of a moving one the first picture. Raises InvalidImage."""
    async with pictures.gate():
        return await asyncio.to_thread(_made, raw)


def _made(raw: bytes) -> Copies:
    with pictures.opened(raw) as opened:
        turn = pictures.turn(opened)
        sideways = turn is not None and turn.value in _SIDEWAYS
        width, height = (opened.height, opened.width) if sideways else opened.size
        sizes = sizes_of(width, height)
        largest = fitted(width, height, sizes[-1])
        lying = largest[::-1] if sideways else largest
        opened.draft("RGB", (2 * lying[0], 2 * lying[1]))  # large JPEGs are decoded at a fraction of their size
        small = _scaled(pictures.smooth(opened), lying)
        small = small.convert("RGBA" if small.has_transparency_data else "RGB")
        upright = small if turn is None else small.transpose(turn)
        files = {size: pictures.webp(_scaled(upright, fitted(width, height, size))) for size in sizes}
        return Copies(width, height, files)


def _scaled(picture: "Image", size: tuple[int, int]) -> "Image":
    from PIL import Image

    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)
