"""Drawn street scenes for the demonstration: no photo of a real place is shipped with the product.

The same street from another day is another picture, as it is with photos: somebody stands a step aside, the sun has
moved, other windows are lit. Else every honest pair would look as if one had been made from the other.
"""

from __future__ import annotations

import io
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1600, 1200
Colour = tuple[int, int, int]
_WALLS = ((196, 168, 140), (176, 150, 132), (206, 196, 178), (158, 164, 172), (188, 132, 112), (148, 128, 116))
_PANES = ((70, 84, 98), (96, 112, 124), (224, 206, 150), (58, 66, 76))


def scene(key: str, after: bool) -> bytes:
    """Return a JPEG of a street named `key`, with something wrong before and mended after."""
    street, day = random.Random(key), random.Random(f"{key} {after}")  # noqa: S311 - a picture, not a secret
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(picture)
    aside, near = day.choice((-1, 1)) * day.randint(50, 110), day.uniform(0.94, 1.1)
    _sky(draw, day, bright=after)
    horizon = street.randint(700, 790)
    for index in range(-1, 7):
        _house(draw, street, day, round(index * 270 + aside * street.uniform(0.5, 1.6)), near, horizon)
    _road(draw, street, aside, horizon)
    (_mended if after else _broken)(draw, day, horizon)
    _things(draw, day, horizon)
    picture = picture.rotate(day.uniform(-1.6, 1.6), Image.Resampling.BICUBIC, fillcolor=(150, 160, 170))
    noise = np.random.default_rng(abs(hash_of(key)) + after).normal(0, 6, (HEIGHT, WIDTH, 1))
    grained = np.clip(np.asarray(picture.filter(ImageFilter.GaussianBlur(1.2)), dtype=float) + noise, 0, 255)
    file = io.BytesIO()
    Image.fromarray(grained.astype("uint8")).save(file, "JPEG", quality=88)
    return file.getvalue()


def hash_of(key: str) -> int:
    """Return a number for a name, the same in every process."""
    return int.from_bytes(key.encode()[:12].ljust(12, b"."), "big") % 2**32


def _sky(draw: ImageDraw.ImageDraw, day: random.Random, bright: bool) -> None:
    base, fall = day.randint(150, 190) + (25 if bright else -25), day.randint(9, 16)
    for y in range(HEIGHT * 2 // 3):
        shade = base + y // fall
        draw.line([(0, y), (WIDTH, y)], fill=(shade - 25, shade - 8, min(255, shade + 20)))
    for _ in range(day.randint(2, 5)):
        x, y, wide = day.randint(-100, WIDTH), day.randint(0, 260), day.randint(160, 460)
        draw.ellipse([x, y, x + wide, y + wide // 4], fill=(base + 35, base + 38, base + 40))


def _house(
    draw: ImageDraw.ImageDraw, street: random.Random, day: random.Random, left: int, near: float, horizon: int
) -> None:
    top, wide = horizon - round(street.randint(300, 560) * near), round(street.randint(190, 262) * near)
    wall, light = street.choice(_WALLS), day.uniform(0.82, 1.08)
    draw.rectangle([left, top, left + wide, horizon], fill=_lit(wall, light))
    roof = street.choice((0, 26, 48))
    draw.polygon([(left - 8, top), (left + wide // 2, top - roof), (left + wide + 8, top)], fill=_lit(wall, 0.6))
    columns, height = street.randint(2, 4), street.randint(48, 66)
    for row in range((horizon - top) // (height + 36)):
        for column in range(columns):
            x, y = left + 18 + column * (wide - 20) // columns, top + 22 + row * (height + 36)
            draw.rectangle([x, y, x + (wide - 20) // columns - 22, y + height], fill=day.choice(_PANES))


def _lit(colour: Colour, light: float) -> Colour:
    red, green, blue = (max(0, min(255, round(part * light))) for part in colour)
    return red, green, blue


def _road(draw: ImageDraw.ImageDraw, street: random.Random, aside: int, horizon: int) -> None:
    grey = street.randint(80, 104)
    draw.rectangle([0, horizon - 20, WIDTH, horizon + 40], fill=(150, 148, 142))
    draw.rectangle([0, horizon + 40, WIDTH, HEIGHT], fill=(grey, grey + 2, grey + 6))
    gap, line = street.randint(170, 300), horizon + street.randint(190, 280)
    for x in range(-gap + aside * 2 % gap, WIDTH, gap):
        draw.polygon([(x, line), (x + gap // 2, line), (x + gap // 2 - 10, line + 20), (x - 10, line + 20)],
                     fill=(222, 222, 214))  # fmt: skip


def _broken(draw: ImageDraw.ImageDraw, day: random.Random, horizon: int) -> None:
    for _ in range(9):
        x, y, size = day.randint(250, 1150), day.randint(horizon + 60, 1080), day.randint(40, 140)
        draw.ellipse([x, y, x + size * 2, y + size // 2], fill=day.choice([(58, 54, 48), (74, 66, 52), (48, 58, 62)]))
    for _ in range(16):
        x, y = day.randint(320, 1150), day.randint(horizon - 60, horizon + 60)
        draw.rectangle([x, y, x + day.randint(20, 70), y + day.randint(20, 60)], fill=_rubbish(day))


def _rubbish(day: random.Random) -> Colour:
    return day.choice([(44, 62, 48), (120, 96, 60), (160, 158, 152), (52, 60, 92)])


def _mended(draw: ImageDraw.ImageDraw, day: random.Random, horizon: int) -> None:
    left, top = day.randint(260, 520), horizon + day.randint(60, 110)
    draw.rectangle([left, top, left + day.randint(620, 880), top + day.randint(110, 170)], fill=(70, 72, 76))
    post = day.randint(460, 1080)
    draw.rectangle([post, horizon - 470, post + 16, horizon + 20], fill=(60, 66, 70))
    draw.ellipse([post - 34, horizon - 510, post + 50, horizon - 440], fill=(255, 244, 196))
    draw.rectangle([post + 150, horizon - 130, post + 250, horizon + 10], fill=(36, 120, 70))


def _things(draw: ImageDraw.ImageDraw, day: random.Random, horizon: int) -> None:
    """What stands and passes by that day: a car, a few people, a tree's shade."""
    for _ in range(day.randint(1, 3)):
        x, y, wide = day.randint(0, WIDTH - 300), horizon + day.randint(20, 90), day.randint(180, 300)
        draw.rounded_rectangle([x, y, x + wide, y + 70], 24, fill=(day.randint(40, 220), day.randint(40, 160), 90))
        for wheel in (x + 30, x + wide - 74):
            draw.ellipse([wheel, y + 48, wheel + 44, y + 92], fill=(30, 30, 32))
    for _ in range(day.randint(1, 4)):
        x, y = day.randint(40, WIDTH - 80), horizon + day.randint(-40, 60)
        draw.rounded_rectangle([x, y, x + 26, y + 84], 10, fill=(day.randint(30, 200), day.randint(30, 120), 120))
        draw.ellipse([x + 2, y - 24, x + 24, y], fill=(204, 164, 138))
