"""Originals per second and core through the worker's pipeline, beside libvips and naive Pillow on the same files.

Each makes a display JPEG at quality 80 (long edge 1920 or a little more) and a 320 px thumbnail, upright and without
EXIF, from the file to bytes. Rates are processor time of one core, best of several rounds per file: other work on the
machine then disturbs all three alike. SSIM compares each display with the full-size original shrunk by LANCZOS to the
very size of that display.
"""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from app.evidence import photos, prints
from app.evidence.recapture import Recapture
from bench.harness import ROOT, Row, row

ROUNDS = 5
EDGE, THUMB, QUALITY = 1920, 320, 80
SHARED = Path(os.environ.get("DOORSTEP_SHARED") or ROOT.parent / "shared") / "data" / "photos" / "phones"
Pipeline = Callable[[Path], bytes]


def run() -> Iterator[Row]:
    """Yield photos/s against both baselines, SSIM of all three, and the memory the pipeline adds."""
    with tempfile.TemporaryDirectory() as place:
        files = sorted(SHARED.glob("*.jpg")) or _made(Path(place))
        libvips = _libvips()
        pipelines: dict[str, Pipeline] = {"pipeline": _ours, "naive Pillow": _naive, "libvips": libvips}
        rates = {name: len(files) / sum(_best(make, file) for file in files) for name, make in pipelines.items()}
        likeness = {n: statistics.mean(_ssim(file, make(file)) for file in files) for n, make in pipelines.items()}
        for name in ("libvips", "naive Pillow"):
            yield row("photos", f"originals per second and core, against {name}", rates["pipeline"], "1/s",
                      rates[name], len(files))  # fmt: skip
            yield row("photos", f"SSIM, against {name}", likeness["pipeline"], "", likeness[name], len(files))
        without, told = (sum(_best(make, file) for file in files) / len(files) for make in (_without, _told))
        yield row("photos", "processor time of one photo, prints and hint of a screen too, over without; goal 1.5",
                  told * 1000, "ms", without * 1000, len(files), False)  # fmt: skip
        largest = max(files, key=lambda file: file.stat().st_size)
        yield row("photos", "memory added by one photo, bound 60 MB", _memory(largest), "MB", 60.0, 1, False)


def _ours(path: Path) -> bytes:
    return _without(path)


def _without(path: Path) -> bytes:
    """Only the renditions."""
    kept, photos.recaptured = photos.recaptured, lambda picture: Recapture(0.0, None)
    try:
        return photos.render(path, "image/jpeg").display
    finally:
        photos.recaptured = kept


def _told(path: Path) -> bytes:
    """All that the worker finds out about a photo."""
    photo = photos.render(path, "image/jpeg")
    prints.taken(photo.thumb, photo.recapture)
    return photo.display


def _naive(path: Path) -> bytes:
    """What most code does: decode all, turn, shrink twice."""
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    display, thumb = image.copy(), image.copy()
    display.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS, reducing_gap=None)
    thumb.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS, reducing_gap=None)
    shown, small = io.BytesIO(), io.BytesIO()
    display.save(shown, "JPEG", quality=QUALITY)
    thumb.save(small, "JPEG", quality=QUALITY)
    return shown.getvalue()


def _libvips() -> Pipeline:
    """libvips at its best: shrink on load, the thumbnail from the display in memory, one thread."""
    os.environ["VIPS_CONCURRENCY"] = "1"
    try:
        import pyvips
    except ImportError:
        sys.exit("bench/photos.py: install requirements-bench.txt (make bench does)")
    pyvips.cache_set_max(0)

    def make(path: Path) -> bytes:
        display = pyvips.Image.thumbnail(str(path), EDGE, height=EDGE, size="down").copy_memory()
        shown: bytes = display.jpegsave_buffer(Q=QUALITY, keep="none")
        display.thumbnail_image(THUMB, height=THUMB).jpegsave_buffer(Q=QUALITY, keep="none")
        return shown

    return make


def _best(make: Pipeline, file: Path) -> float:
    spans = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        make(file)
        spans.append(time.process_time() - begun)
    return min(spans)


def _ssim(original: Path, display: bytes) -> float:
    shown = Image.open(io.BytesIO(display)).convert("L")
    whole = ImageOps.exif_transpose(Image.open(original)).convert("L")
    wanted = whole.resize(shown.size, Image.Resampling.LANCZOS)
    return structural_similarity(np.asarray(wanted, np.float64), np.asarray(shown, np.float64))


def structural_similarity(a: np.ndarray, b: np.ndarray, window: int = 8) -> float:
    """Return the mean SSIM of two grey pictures over square windows (Wang et al. 2004, uniform weights)."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = _means(a, window), _means(b, window)
    var_a = _means(a * a, window) - mean_a**2
    var_b = _means(b * b, window) - mean_b**2
    cov = _means(a * b, window) - mean_a * mean_b
    similar = (2 * mean_a * mean_b + c1) * (2 * cov + c2)
    return float((similar / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean())


def _means(a: np.ndarray, window: int) -> np.ndarray:
    total = np.pad(a, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    inside = total[window:, window:] - total[:-window, window:] - total[window:, :-window] + total[:-window, :-window]
    return inside / window**2


def _memory(file: Path) -> float:
    """Return the megabytes by which one photo raises the peak of a process that has the pipeline loaded."""
    # VmHWM and not ru_maxrss: that one is inherited from the process that started this one.
    program = (
        "import re, sys; from pathlib import Path; from app.evidence import photos;"
        "peak = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]);"
        "before = peak(); photos.render(Path(sys.argv[1]), 'image/jpeg'); print(peak() - before)"
    )
    done = subprocess.run([sys.executable, "-c", program, file], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def _made(place: Path) -> list[Path]:
    """Return pictures with the sizes and detail of phone photos, for machines without real ones."""
    rng = np.random.default_rng(12345)
    files = []
    for number, (width, height) in enumerate([(4032, 3024), (4000, 3000), (3264, 2448), (4160, 3120), (4608, 3456)]):
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        light = 110 + 60 * np.sin(x / 310 + number) + 50 * np.cos(y / 270)
        for _ in range(400):
            left, top = rng.integers(0, width), rng.integers(0, height)
            light[top : top + height // 20, left : left + width // 25] += rng.integers(-50, 50)
        planes = [light * gain + rng.normal(0, 5, light.shape).astype(np.float32) for gain in (1.0, 0.95, 0.85)]
        files.append(place / f"{number}.jpg")
        Image.fromarray(np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)).save(files[-1], quality=88)
    return files
