"""When evidence is doubtful: the bounds that findings are measured by. Pure.

No notice says how far a photo may be from the place it shows. The defaults here are local conventions (本地约定), the
one place where they stand; a profile that wants others writes them in `[findings]`.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.policies.facts import Cited


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRules(Cited):
    """Bounds of findings, each in the unit that its name ends with: minutes, hours, days, metres, seconds, percent.

    Time: a photo taken more than `before_minutes` before the dispatch is older than it; an after-picture older than
    the complaint itself by `before_high_days` cannot show what was done about it. EXIF and the declared time may
    differ by `exif_minutes`, and by `exif_hours` before it is more than a wrong clock. `late_hours` and `late_days`
    from capture to arrival; `clock_minutes` by which a capture may lie outside the bracket that the server knows.

    Place: `far_metres` beyond both accuracies is away; `far_high_metres` cannot be explained by a wrong fix. A fix is
    rough when its accuracy is worse than `rough_metres`, stale when it is `stale_minutes` older than the capture.
    `datum_metres` is how exactly a shift between GCJ-02 and WGS-84 must fit. The same fix to the last digit
    `frozen_minutes` apart is frozen; more than `speed_kmh` over more than `jump_metres` is a jump, three times
    the speed over `jump_high_metres` is one that nobody can have travelled.

    Sound: a recording of at least `silent_seconds` is silent when `silent_percent` of it is; it is looped when
    `loop_percent` of it repeats; two recordings are one when `reused_seconds` of them sound alike, beyond doubt from
    `reused_high_seconds` on. It may differ from the call that it belongs to by `call_seconds` and `call_percent`.
    """

    cite: str = "本地约定"
    assumed: bool = True

    before_minutes: int = 30
    before_high_days: int = 30
    exif_minutes: int = 15
    exif_hours: int = 24
    late_hours: int = 48
    late_days: int = 7
    clock_minutes: int = 10

    far_metres: int = 800
    far_high_metres: int = 3000
    rough_metres: int = 100
    stale_minutes: int = 10
    datum_metres: int = 80
    frozen_minutes: int = 30
    speed_kmh: int = 160
    jump_metres: int = 3000
    jump_high_metres: int = 30_000

    silent_seconds: int = 5
    silent_percent: int = 97
    loop_percent: int = 60
    reused_seconds: int = 15
    reused_high_seconds: int = 60
    call_seconds: int = 30
    call_percent: int = 50

    editors: tuple[str, ...] = (
        "photoshop", "lightroom", "snapseed", "picsart", "gimp", "美图", "meitu", "xiuxiu", "醒图", "hypic",
        "黄油相机", "faceapp", "pixlr", "canva", "天天p图", "pitu", "polish", "vsco", "affinity", "paint.net",
        "imagemagick", "acdsee", "轻颜", "firefly", "midjourney", "stable diffusion", "comfyui", "dall",
        "豆包", "即梦", "文心一格",
    )  # fmt: skip
    """Words in a file's own tags that name a program for changing pictures; those of cameras are not here."""


FINDINGS: FindingRules = FindingRules()
"""What holds where a profile says nothing."""
