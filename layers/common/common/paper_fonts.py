"""The letters of what is printed. They come with us: on Lambda there are none, and PDF's own know no Cyrillic."""

from functools import lru_cache
from pathlib import Path

REGULAR, BOLD = "ArtelSans", "ArtelSans-Bold"
_FONTS = Path(__file__).parent / "fonts"


@lru_cache(maxsize=1)
def register_fonts() -> None:
    from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
    from reportlab.pdfbase.ttfonts import TTFont

    registerFont(TTFont(REGULAR, str(_FONTS / "DejaVuSansCondensed.ttf")))
    registerFont(TTFont(BOLD, str(_FONTS / "DejaVuSansCondensed-Bold.ttf")))
    registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
