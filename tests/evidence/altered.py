"""What people do to a photo so that it passes as another one; the tests and bench/reuse.py alter pictures alike."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

Alter = Callable[[Image.Image], Image.Image]


def recompressed(image: Image.Image, quality: int) -> Image.Image:
    """Saved as a JPEG of that quality and opened again."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")


def resized(image: Image.Image, share: float) -> Image.Image:
    """Made that much smaller or larger."""
    return image.resize((max(1, round(image.width * share)), max(1, round(image.height * share))), Image.BICUBIC)


def cropped(image: Image.Image, share: float, rng: np.random.Generator) -> Image.Image:
    """That share of width and of height cut away, at chance from one side and the other."""
    wide, high = image.width * share, image.height * share
    left, top = rng.uniform(0, wide), rng.uniform(0, high)
    return image.crop((round(left), round(top), round(left + image.width - wide), round(top + image.height - high)))


def trimmed(image: Image.Image, share: float) -> Image.Image:
    """That share cut away from each of the four sides."""
    wide, high = image.size
    return image.crop(
        (round(wide * share), round(high * share), round(wide - wide * share), round(high - high * share))
    )


def rotated(image: Image.Image, degrees: float) -> Image.Image:
    """Turned, with black corners."""
    return image.rotate(degrees, Image.Resampling.BICUBIC)


def straightened(image: Image.Image, degrees: float) -> Image.Image:
    """Turned and cut to what is left without corners, as a phone's editor does."""
    slope = math.radians(abs(degrees))
    wide, high = image.size
    share = min(
        wide / (wide * math.cos(slope) + high * math.sin(slope)),
        high / (high * math.cos(slope) + wide * math.sin(slope)),
    )
    return trimmed(rotated(image, degrees), (1 - share) / 2)


def brighter(image: Image.Image, factor: float) -> Image.Image:
    """Brightness times that factor."""
    return ImageEnhance.Brightness(image).enhance(factor)


def harder(image: Image.Image, factor: float) -> Image.Image:
    """Contrast times that factor."""
    return ImageEnhance.Contrast(image).enhance(factor)


def mirrored(image: Image.Image) -> Image.Image:
    """Left for right."""
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def stamped(image: Image.Image, share: float) -> Image.Image:
    """A half transparent strip with time and place over the bottom, as camera apps put it."""
    image = image.copy()
    wide, high = image.size
    draw, tall = ImageDraw.Draw(image, "RGBA"), int(high * share)
    draw.rectangle((0, high - tall, wide, high), fill=(0, 0, 0, 150))
    _write(draw, (wide * 0.02, high - tall * 0.8), tall * 0.4, (255, 255, 255, 255))
    return image


def extended(image: Image.Image, share: float, dark: bool) -> Image.Image:
    """A strip with time and place below the picture."""
    wide, high = image.size
    tall = int(high * share)
    made = Image.new("RGB", (wide, high + tall), "black" if dark else "white")
    made.paste(image)
    _write(ImageDraw.Draw(made), (wide * 0.02, high + tall * 0.2), tall * 0.4, "white" if dark else "black")
    return made


def marked(image: Image.Image) -> Image.Image:
    """Four lines of large white text over the lower left, as 水印相机 writes them."""
    image = image.copy()
    draw, size = ImageDraw.Draw(image, "RGBA"), min(image.size) * 0.06
    for number in range(4):
        _write(draw, (image.width * 0.04, image.height * 0.6 + number * size * 1.3), size, (255, 255, 255, 230), 22)
    return image


def shown_on_phone(image: Image.Image, dark: bool) -> Image.Image:
    """A screenshot of a phone's gallery."""
    back, front = ((0, 0, 0), (255, 255, 255)) if dark else ((250, 250, 250), (5, 5, 5))
    screen = Image.new("RGB", (1080, 2340), back)
    _fit(screen, image, (0, 150, 1080, 2190))
    draw, font = ImageDraw.Draw(screen), ImageFont.load_default(size=40)
    for place, text in (
        ((60, 30), "09:41"), ((880, 30), "5G 87%"), ((60, 130), "< Photos"), ((150, 2210), "Share"),
        ((500, 2210), "Edit"), ((850, 2210), "Delete"),
    ):  # fmt: skip
        draw.text(place, text, fill=front, font=font)
    return screen


def shown_in_window(image: Image.Image, dark: bool) -> Image.Image:
    """A screenshot of a desktop's viewer."""
    screen = Image.new("RGB", (1920, 1080), (32, 32, 32) if dark else (240, 240, 240))
    _fit(screen, image, (30, 70, 1890, 1010))
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, 1920, 40), fill=(200, 210, 230))
    draw.text((12, 8), "IMG_2031.jpg - Photos", fill="black", font=ImageFont.load_default(size=22))
    return screen


def all_of_it(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Halved, cropped, stamped and recompressed."""
    return recompressed(stamped(cropped(resized(image, 0.5), 0.05, rng), 0.08), 60)


def shot_again(image: Image.Image, parallax: float, rng: np.random.Generator) -> Image.Image:
    """Another shot of the same scene by hand: seen a little aslant, near and far moved against each other by that share
    of the width, another light, and the sensor's own grain. What is not a copy."""
    light = np.asarray(resized(image.convert("RGB"), 640 / max(image.size)), np.float32)
    high, wide = light.shape[:2]
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    depths = [rng.normal(0, parallax * wide, (6, 6)).astype(np.float32) for _ in range(2)]
    along, down = (np.asarray(Image.fromarray(field).resize((wide, high), Image.BICUBIC)) for field in depths)
    aslant = rng.uniform(-0.03, 0.03, 4)
    at_x = np.clip(x + along + aslant[0] * x * x / wide + aslant[1] * y, 0, wide - 1.01)
    at_y = np.clip(y + down / 2 + aslant[2] * y + aslant[3] * x, 0, high - 1.01)
    left, top = at_x.astype(int), at_y.astype(int)
    right, low = (at_x - left)[..., None], (at_y - top)[..., None]
    upper = light[top, left] * (1 - right) + light[top, left + 1] * right
    lower = light[top + 1, left] * (1 - right) + light[top + 1, left + 1] * right
    seen = (upper * (1 - low) + lower * low) * (1 + 0.15 * np.sin(x / wide * 3 + rng.uniform(0, 6)))[..., None]
    return Image.fromarray((seen + rng.normal(0, 4, seen.shape)).clip(0, 255).astype(np.uint8))


def photographed_from_screen(image: Image.Image, pitch: float, degrees: float, wide: int = 800) -> Image.Image:
    """A photo of a screen: red, green and blue stripes, each dot `pitch` camera pixels wide, held a little aslant."""
    rng, fine, high = np.random.default_rng(1), 2, wide * 3 // 4
    dots = int(wide / pitch), int(wide * 0.75 / pitch)
    light = (np.asarray(image.convert("RGB").resize(dots, Image.LANCZOS), np.float32) / 255) ** 2.2
    y, x = np.mgrid[0 : high * fine, 0 : wide * fine].astype(np.float32)
    slope, x, y = math.radians(degrees), x - wide * fine / 2, y - high * fine / 2
    across = (x * math.cos(slope) - y * math.sin(slope)) * (1 + 0.02 * x / wide) / (pitch * fine) + dots[0] / 2
    down = (x * math.sin(slope) + y * math.cos(slope)) / (pitch * fine) + dots[1] / 2
    column, line = np.clip(across.astype(int), 0, dots[0] - 1), np.clip(down.astype(int), 0, dots[1] - 1)
    inside, between = across - np.floor(across), down - np.floor(down)
    planes = []
    for number in range(3):
        lit = (inside > number / 3 + 0.03) & (inside < number / 3 + 0.3) & (between > 0.08) & (between < 0.92)
        seen = light[line, column, number] * lit * 3.2
        # The lens: what falls on a pixel comes from a little more than its square.
        seen = sum(np.roll(seen, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)) / 9
        planes.append(seen.reshape(high, fine, wide, fine).mean(axis=(1, 3)))
    made = np.clip(np.stack(planes, -1), 0, 1) ** (1 / 2.2) * 255 + rng.normal(0, 2.5, (high, wide, 3))
    return Image.fromarray(np.clip(made, 0, 255).astype(np.uint8))


def _fit(screen: Image.Image, image: Image.Image, box: tuple[int, int, int, int]) -> None:
    wide, high = box[2] - box[0], box[3] - box[1]
    share = min(wide / image.width, high / image.height)
    size = max(1, round(image.width * share)), max(1, round(image.height * share))
    place = box[0] + (wide - size[0]) // 2, box[1] + (high - size[1]) // 2
    screen.paste(image.resize(size, Image.LANCZOS), place)


def _write(draw: ImageDraw.ImageDraw, at: tuple[float, float], size: float, colour: object, length: int = 60) -> None:
    text = "2026-11-20 09:14 Unit 7, Station Road 12, 40.4075N 110.0338E"[:length]
    draw.text(at, text, fill=colour, font=ImageFont.load_default(size=max(10, int(size))))


def ways(rng: np.random.Generator) -> dict[str, Alter]:
    """Every way, by name."""
    found: dict[str, Alter] = {}
    for quality in (30, 50, 80, 95):
        found[f"JPEG {quality}"] = lambda image, q=quality: recompressed(image, q)
    for share in (0.25, 0.5, 1.5, 2.0):
        found[f"resized to {share:.0%}"] = lambda image, s=share: resized(image, s)
    for share in (0.01, 0.03, 0.05, 0.1):
        found[f"cropped by {share:.0%}"] = lambda image, s=share: cropped(image, s, rng)
    for share in (0.05, 0.1):
        found[f"cropped by {share:.0%} on each side"] = lambda image, s=share: trimmed(image, s)
    for degrees in (-5, -3, 3, 5):
        found[f"rotated by {degrees}°"] = lambda image, d=degrees: rotated(image, d)
        found[f"straightened by {degrees}°"] = lambda image, d=degrees: straightened(image, d)
    for factor in (0.7, 1.3):
        found[f"brightness × {factor}"] = lambda image, f=factor: brighter(image, f)
        found[f"contrast × {factor}"] = lambda image, f=factor: harder(image, f)
    found |= {
        "strip over it, 8%": lambda image: stamped(image, 0.08),
        "strip over it, 14%": lambda image: stamped(image, 0.14),
        "strip below, 8%, white": lambda image: extended(image, 0.08, dark=False),
        "strip below, 14%, black": lambda image: extended(image, 0.14, dark=True),
        "text over it": marked,
        "screenshot of a phone, dark": lambda image: shown_on_phone(image, dark=True),
        "screenshot of a phone, light": lambda image: shown_on_phone(image, dark=False),
        "screenshot of a desktop": lambda image: shown_in_window(image, dark=True),
        "mirrored": mirrored,
        "halved, cropped, stamped, JPEG 60": lambda image: all_of_it(image, rng),
    }
    return found
