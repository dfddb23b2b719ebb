"""What the verdicts say: shares with their uncertainty, agreement between checkers, what findings are worth. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

Z: Final = 1.959963984540054
"""Quantile of the normal distribution for intervals of 95 %."""
PRIOR: Final = 4.0
"""As many cases of no information are added to every finding, so that three lucky hits do not make a rule of it."""
LEAST_WEIGHT, MOST_WEIGHT = 1.0, 20.0
ENOUGH: Final = 5
"""With fewer judged cases than this nothing is suggested about a finding."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A share and where it lies with 95 % confidence; all three between 0 and 1."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judged:
    """One case with its final verdict: whether it is bad, its chance to be drawn, what had been flagged on it."""

    unit: str
    bad: bool
    chance: float
    signals: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Result:
    """What a sample says: `raw` counts cases alike, `estimate` gives each the weight of those it stands for."""

    cases: int
    bad: int
    raw: Interval | None
    estimate: Interval | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cohen's κ of pairs of verdicts: `agreed` of `pairs`; None where nothing could be told apart by chance."""

    pairs: int
    agreed: int
    kappa: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Yield:
    """How often what was flagged was bad. `lift` compares it with all cases; `weight` is what that suggests.

    `flagged` and `bad` are cases as judged, `precision` their share; lift and weight are reckoned on what the cases
    stand for, since flagged ones are drawn more often. None where there are too few.
    """

    signal: str
    flagged: int
    bad: int
    precision: Interval | None
    lift: float | None
    weight: float | None


def wilson(good: float, of: float) -> Interval | None:
    """Return the share and its Wilson score interval, None for an empty sample; `of` may be an effective size."""
    if of <= 0:
        return None
    share = min(1.0, max(0.0, good / of))
    z2 = Z * Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def result(cases: Sequence[Judged]) -> Result:
    """Return counts, the plain share, and the unbiased estimate (Hájek) with the interval of its effective size."""
    bad = sum(c.bad for c in cases)
    return Result(len(cases), bad, wilson(bad, len(cases)), _estimate(cases))


def _estimate(cases: Sequence[Judged]) -> Interval | None:
    weights = [1 / c.chance for c in cases]
    total = sum(weights)
    if not total:
        return None
    effective = total * total / sum(w * w for w in weights)
    share = sum(w for w, c in zip(weights, cases, strict=True) if c.bad) / total
    return wilson(share * effective, effective)


def by_unit(cases: Iterable[Judged]) -> dict[str, Result]:
    """Return unit → its result."""
    units: dict[str, list[Judged]] = {}
    for case in cases:
        units.setdefault(case.unit, []).append(case)
    return {unit: result(found) for unit, found in units.items()}


def kappa(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Return Cohen's κ of first and second verdicts, with the usual large-sample interval."""
    n, agreed = len(pairs), sum(a == b for a, b in pairs)
    if not n:
        return Agreement(0, 0, None, None, None)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = agreed / n
    chance = sum(first[v] * second[v] for v in first) / (n * n)
    if chance == 1:  # everybody always said the same one thing: agreement says nothing
        return Agreement(n, agreed, None, None, None)
    value = (observed - chance) / (1 - chance)
    half = Z * sqrt(observed * (1 - observed) / (n * (1 - chance) ** 2))
    return Agreement(n, agreed, value, max(-1.0, value - half), min(1.0, value + half))


def yields(cases: Sequence[Judged], signals: Collection[str] | None = None) -> list[Yield]:
    """Return the yield of each signal (of all that occur, unless named), the most telling first."""
    wanted = set().union(*(c.signals for c in cases)) if signals is None else set(signals)
    everything = _estimate(cases)
    found = [_yield(signal, cases, everything.share if everything else 0.0) for signal in sorted(wanted)]
    return sorted(found, key=lambda y: (-(y.lift or 0.0), y.signal))


def _yield(signal: str, cases: Sequence[Judged], base: float) -> Yield:
    with_it = [c for c in cases if signal in c.signals]
    bad = sum(c.bad for c in with_it)
    precision = wilson(bad, len(with_it))
    if len(with_it) < ENOUGH or base <= 0:
        return Yield(signal, len(with_it), bad, precision, None, None)
    estimate = _estimate(with_it)
    assert estimate is not None
    lift = estimate.share / base
    # Drawn towards "tells nothing" (1) by PRIOR cases; what tells less than nothing is not punished with a weight.
    smooth = (lift * len(with_it) + PRIOR) / (len(with_it) + PRIOR)
    weight = round(min(MOST_WEIGHT, max(LEAST_WEIGHT, smooth)), 2)
    return Yield(signal, len(with_it), bad, precision, round(lift, 3), weight)
