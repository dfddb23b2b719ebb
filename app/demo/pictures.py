"""Drawn street scenes for the demonstration: no photo of a real place is shipped with the product."""

from __future__ import annotations

import io
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1600, 1200
Colour = tuple[int, int, int]


def scene(key: str, after: bool) -> bytes:
    """Return a JPEG of a street named `key`, with something wrong before and mended after."""
    dice = random.Random(key)  # noqa: S311 - a picture, not a secret
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(picture)
    _sky(draw, dice, bright=after)
    for index in range(6):
        _house(draw, dice, index)
    _road(draw)
    (_mended if after else _broken)(draw, dice)
    noise = np.random.default_rng(len(key) + after).normal(0, 6, (HEIGHT, WIDTH, 1))
    grained = np.clip(np.asarray(picture.filter(ImageFilter.GaussianBlur(1.2)), dtype=float) + noise, 0, 255)
    file = io.BytesIO()
    Image.fromarray(grained.astype("uint8")).save(file, "JPEG", quality=88)
    return file.getvalue()


def _sky(draw: ImageDraw.ImageDraw, dice: random.Random, bright: bool) -> None:
    base = dice.randint(150, 190) + (25 if bright else -25)
    for y in range(HEIGHT // 2):
        shade = base + y // 12
        draw.line([(0, y), (WIDTH, y)], fill=(shade - 25, shade - 8, min(255, shade + 20)))


def _house(draw: ImageDraw.ImageDraw, dice: random.Random, index: int) -> None:
    left, top = index * 270 + dice.randint(-20, 20), dice.randint(180, 380)
    wall = dice.choice([(196, 168, 140), (176, 150, 132), (206, 196, 178), (158, 164, 172), (188, 132, 112)])
    draw.rectangle([left, top, left + 250, 760], fill=wall)
    for row in range((760 - top) // 90):
        for column in range(3):
            x, y = left + 25 + column * 75, top + 25 + row * 90
            draw.rectangle([x, y, x + 45, y + 55], fill=dice.choice([(70, 84, 98), (96, 112, 124), (224, 206, 150)]))


def _road(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle([0, 740, WIDTH, 800], fill=(150, 148, 142))
    draw.rectangle([0, 800, WIDTH, HEIGHT], fill=(92, 94, 98))
    for x in range(40, WIDTH, 220):
        draw.polygon([(x, 1010), (x + 110, 1010), (x + 100, 1030), (x - 10, 1030)], fill=(222, 222, 214))


def _broken(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    for _ in range(9):
        x, y, size = dice.randint(350, 1150), dice.randint(840, 1080), dice.randint(40, 140)
        draw.ellipse([x, y, x + size * 2, y + size // 2], fill=dice.choice([(58, 54, 48), (74, 66, 52), (48, 58, 62)]))
    for _ in range(16):
        x, y = dice.randint(420, 1150), dice.randint(700, 800)
        draw.rectangle([x, y, x + dice.randint(20, 70), y + dice.randint(20, 60)], fill=_rubbish(dice))


def _rubbish(dice: random.Random) -> Colour:
    return dice.choice([(44, 62, 48), (120, 96, 60), (160, 158, 152), (52, 60, 92)])


def _mended(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    draw.rectangle([380, 830, 1260, 980], fill=(70, 72, 76))
    post = dice.randint(560, 980)
    draw.rectangle([post, 300, post + 16, 800], fill=(60, 66, 70))
    draw.ellipse([post - 34, 260, post + 50, 330], fill=(255, 244, 196))
    draw.rectangle([post + 150, 640, post + 250, 780], fill=(36, 120, 70))
