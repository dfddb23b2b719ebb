"""A strip of words below a picture, never over it: drawn by the worker, into the display rendition alone.

The font comes with the product, so that it is drawn on a bare machine as anywhere. A character that the font does
not have is drawn as an empty box.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

from app.evidence.caption import Caption

MIN_WIDTH: Final = 160
"""Pixels; under a narrower picture no word would fit, and the screens say the same beside it."""
_PER_LINE: Final = 40
"""How many characters fit the width: the size of the letters follows from it, down to what can be read at all."""
_SMALLEST: Final = 14
_GROUND, _INK, _WARNING = (28, 28, 30), (242, 242, 242), (255, 180, 84)
_GAP: Final = "  ·  "


def below(picture: Image.Image, caption: Caption) -> Image.Image:
    """Return the picture, every pixel as it is, with the strip under it; a very narrow one comes back alone."""
    if picture.width < MIN_WIDTH:
        return picture
    font = _font(max(_SMALLEST, picture.width // _PER_LINE // 4 * 4))
    margin = round(font.size * 0.45)
    room = picture.width - 2 * margin
    lines = [(line, _INK) for line in _flowed(caption.words, font, room)]
    if caption.warning:
        lines = [(line, _WARNING) for line in _cut(caption.warning, font, room)] + lines
    step = round(font.size * 1.4)
    strip = Image.new("RGB", (picture.width, 2 * margin + step * len(lines)), _GROUND)
    pen = ImageDraw.Draw(strip)
    for number, (line, ink) in enumerate(lines):
        # Anchored by the ascender: the same baseline for every line, whatever letters stand in it.
        pen.text((margin, margin + number * step), line, font=font, fill=ink, anchor="la")
    whole = Image.new(picture.mode, (picture.width, picture.height + strip.height))
    whole.paste(picture)
    whole.paste(strip if picture.mode == "RGB" else strip.convert(picture.mode), (0, picture.height))
    return whole


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Return the font, opened once per size and process: it is mapped, not read, and letters are made when drawn.

    The basic layout: nothing in a name can turn the direction of writing or join letters.
    """
    return ImageFont.truetype(pylopdf_fonts_zh_cn.sans_path(), size, layout_engine=ImageFont.Layout.BASIC)


def _flowed(words: Iterable[str], font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    """Return the words on as few lines as hold them, broken between words; one that is too long, within itself."""
    lines = [""]
    for word in filter(None, words):
        joined = f"{lines[-1]}{_GAP}{word}" if lines[-1] else word
        if font.getlength(joined) <= room:
            lines[-1] = joined
            continue
        lines += _cut(word, font, room)
    return [line for line in lines if line]


def _cut(word: str, font: ImageFont.FreeTypeFont, room: float) -> Iterator[str]:
    """Yield a word in pieces that fit; one letter at least a piece."""
    while word:
        end = len(word)
        while end > 1 and font.getlength(word[:end]) > room:
            end -= 1
        yield word[:end]
        word = word[end:]
