"""The draw: weighted, without replacement, with a minimum per unit and every chance known. Pure, and exact.

Everything is computed with whole numbers and fractions from the frame, the design and the seed, so that whoever has
these three gets the same sample on any machine, and the chance of every ticket to be in it (docs/adr/0016).
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Final

ALGORITHM: Final = 1
"""Version of the arithmetic; it stands in the population's hash, so that an old draw is never re-run by a new one."""
_WHOLE: Final = 1 << 256


@dataclass(frozen=True, slots=True)
class Candidate:
    """One ticket that could be drawn.

    `weight` in hundredths, 1 at least. `stratum` is what gets its minimum (a unit), `group` what the sample is spread
    over inside it (a kind). `mark` is the head of the ticket's journal: nobody knows it before the work is done.
    """

    id: str
    stratum: str
    group: str
    weight: int
    mark: str


@dataclass(frozen=True, slots=True)
class Design:
    """`share` and `blind` in thousandths; `minimum` per stratum, as far as it has that many."""

    share: int
    minimum: int
    blind: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """The sample in the order in which it is looked at; `seconds` get a blind second look.

    `chances` are those of all candidates, drawn or not; `sizes` how many were drawn of each stratum.
    """

    sample: tuple[str, ...]
    seconds: frozenset[str]
    chances: Mapping[str, Fraction]
    sizes: Mapping[str, int]


def commitment(seed: str) -> str:
    """Return what is published before the period: the hash of the seed, from which the seed cannot be found."""
    return hashlib.sha256(f"doorstep/inspections/seed/{seed}".encode()).hexdigest()


def population_hash(frame: Iterable[Candidate], design: Design) -> str:
    """Return the hash of everything that is drawn from; the order in which it was read does not matter."""
    rows = sorted([c.id, c.stratum, c.group, c.weight, c.mark] for c in frame)
    content = {"algorithm": ALGORITHM, "design": asdict(design), "frame": rows}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def draw(seed: str, frame: Sequence[Candidate], design: Design) -> Drawn:
    """Return the sample of a sealed frame. Raises `ValueError` for a weight below 1 or a candidate that is there twice.

    The seed was fixed before the period and the population's hash is only known after it: together they are what
    nobody could choose or foresee.
    """
    if any(c.weight < 1 for c in frame):
        raise ValueError("a weight below 1")
    if len({c.id for c in frame}) != len(frame):
        raise ValueError("a candidate twice")
    dice = _Dice(seed, population_hash(frame, design))
    strata: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in sorted(frame, key=lambda c: c.id):
        strata[candidate.stratum].append(candidate)
    quotas = _quotas(strata, design)
    sizes = _rounded(quotas, dice)
    sample = [c for name, members in strata.items() for c in _systematic(name, members, sizes[name], dice)]
    # The riskiest first, because time may run out; among equals chance decides, not the number of the ticket.
    sample.sort(key=lambda c: (-c.weight, dice.roll("place", c.id)))
    ids = tuple(c.id for c in sample)
    blind = -(-len(ids) * design.blind // 1000)
    seconds = frozenset(sorted(ids, key=lambda i: dice.roll("second", i))[:blind])
    return Drawn(ids, seconds, chances(strata, quotas), sizes)


class _Dice:
    """Numbers below 2**256 that depend on the seed, the population and what they are for, and on nothing else."""

    def __init__(self, seed: str, population: str) -> None:
        self._mix = hashlib.sha256(f"{seed}/{population}".encode()).hexdigest()

    def roll(self, purpose: str, about: str = "") -> int:
        """Return the number for one purpose and thing."""
        return int.from_bytes(hashlib.sha256(f"{self._mix}/{purpose}/{about}".encode()).digest(), "big")


def size_of(population: int, design: Design) -> int:
    """Return how many are drawn of a population before minimums: the share, rounded up."""
    return min(population, -(-population * design.share // 1000))


def _quotas(strata: Mapping[str, Sequence[Candidate]], design: Design) -> dict[str, Fraction]:
    """Return how many of each stratum are to be drawn, as fractions with a whole sum.

    In proportion to the weight in it, but the minimum at least and all of it at most.
    """
    total = sum(len(members) for members in strata.values())
    least = {name: min(design.minimum, len(members)) for name, members in strata.items()}
    wanted = max(size_of(total, design), sum(least.values()))
    weights = {name: sum(c.weight for c in members) for name, members in strata.items()}

    def at(level: Fraction) -> dict[str, Fraction]:
        bounds = ((n, Fraction(least[n]), Fraction(len(strata[n]))) for n in strata)
        return {n: min(max(level * weights[n], low), high) for n, low, high in bounds}

    # The sum grows with the level along straight lines between these corners: find the line, then the point on it.
    corners = sorted({Fraction(bound, weights[n]) for n in strata for bound in (least[n], len(strata[n]))})
    low, before = Fraction(0), sum(at(Fraction(0)).values(), Fraction(0))
    for corner in corners:
        after = sum(at(corner).values(), Fraction(0))
        if after >= wanted:
            part = (wanted - before) / (after - before) if after > before else Fraction(1)
            return at(low + (corner - low) * part)
        low, before = corner, after
    return at(low)


def _rounded(quotas: Mapping[str, Fraction], dice: _Dice) -> dict[str, int]:
    """Return whole sizes with the same sum: each quota is rounded up with a chance of exactly its fraction."""
    order = sorted(quotas, key=lambda name: dice.roll("stratum", name))
    reached, start = Fraction(0), Fraction(dice.roll("sizes"), _WHOLE)
    sizes = {}
    for name in order:
        base = quotas[name].numerator // quotas[name].denominator
        begun, reached = reached, reached + quotas[name] - base
        sizes[name] = base + (_hits(reached, start) - _hits(begun, start))
    return sizes


def _hits(reached: Fraction, start: Fraction) -> int:
    """Return how many of the points start, start + 1, start + 2 … lie below `reached`."""
    return max(0, -((start - reached) // 1))


def _certain(members: Sequence[Candidate], size: int) -> tuple[list[Candidate], list[Candidate]]:
    """Return those that are drawn for certain, because their share of the weight is one place or more, and the rest."""
    rest = sorted(members, key=lambda c: (-c.weight, c.id))
    weight, taken = sum(c.weight for c in rest), 0
    while taken < size and rest[taken].weight * (size - taken) >= weight:
        weight -= rest[taken].weight
        taken += 1
    return rest[:taken], rest[taken:]


def _systematic(name: str, members: Sequence[Candidate], size: int, dice: _Dice) -> list[Candidate]:
    """Return `size` members: one random start, then equal steps along the weights, so that each chance is exact.

    They stand ordered by group, and inside a group by lot: equal steps then spread the sample over the groups.
    """
    if size == 0:
        return []
    certain, rest = _certain(members, size)
    left = size - len(certain)
    if not left:
        return certain
    rest.sort(key=lambda c: (c.group, dice.roll("order", c.id)))
    weight, start, reached, chosen = sum(c.weight for c in rest), dice.roll("start", name), 0, certain
    for candidate in rest:
        begun, reached = reached, reached + candidate.weight
        if _steps(reached * left, weight, start) > _steps(begun * left, weight, start):
            chosen.append(candidate)
    return chosen


def _steps(reached: int, weight: int, start: int) -> int:
    """Return how many of the points (start / 2**256 + k) lie below reached / weight, in whole numbers."""
    return max(0, -((start * weight - reached * _WHOLE) // (weight * _WHOLE)))


def chances(strata: Mapping[str, Sequence[Candidate]], quotas: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Return the chance of every candidate to be in the sample, before the dice are thrown."""
    found: dict[str, Fraction] = {}
    for name, members in strata.items():
        base = quotas[name].numerator // quotas[name].denominator
        up = quotas[name] - base
        lower, upper = _fixed(members, base), _fixed(members, base + 1) if up else {}
        for candidate in members:
            found[candidate.id] = (1 - up) * lower[candidate.id] + (up * upper[candidate.id] if up else 0)
    return found


def _fixed(members: Sequence[Candidate], size: int) -> dict[str, Fraction]:
    """Return the chances when exactly `size` of the stratum are drawn."""
    if size == 0:
        return dict.fromkeys((c.id for c in members), Fraction(0))
    certain, rest = _certain(members, size)
    weight = sum(c.weight for c in rest)
    left = size - len(certain)
    return {c.id: Fraction(1) for c in certain} | {
        c.id: Fraction(c.weight * left, weight) if left else Fraction(0) for c in rest
    }
