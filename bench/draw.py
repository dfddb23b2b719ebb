"""Power of the draw: how many faked visits are caught at equal effort, by lot alone and by the plan's weights.

Units fake 5, 10 or 20 % of their visits. Findings are as good as workers' findings are: some fakes raise one, some
honest answers too. The baseline of a row is simple random sampling of the same number of cases, in the same run. Then
the weights are learned from the verdicts of earlier periods, beginning with none, as an administrator would adopt them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from app.oversight.inspections.draw import Candidate, Design, draw
from app.oversight.inspections.rules import weight_of
from app.oversight.inspections.statistics import Judged, yields
from bench.harness import Row, row

UNITS, PER_UNIT, ROUNDS, LEARNING = 12, 100, 40, 8
EFFORTS = (20, 50, 100)
"""Thousandths of the answers that are looked at."""
RAISED = {"same_file": (0.20, 0.000), "lookalike": (0.20, 0.010), "far_visit": (0.20, 0.020), "old": (0.10, 0.005),
          "gallery": (0.50, 0.150), "late_upload": (0.30, 0.150), "redo": (0.15, 0.080)}  # fmt: skip
"""Chance that a finding is raised on a faked and on an honest answer."""
SEVERITY = {"same_file": "high", "lookalike": "high", "far_visit": "medium", "old": "medium", "gallery": "low",
            "late_upload": "low", "redo": None}  # fmt: skip
WEIGHTS = {"severity:high": 1000, "severity:medium": 300, "severity:low": 120, "redo": 150}
"""What the product offers for a first plan."""


@dataclass(frozen=True)
class Answer:
    """One answered ticket of the simulation."""

    id: str
    unit: str
    faked: bool
    signals: tuple[tuple[str, str | None], ...]


def run() -> Iterator[Row]:
    """Yield the share of fakes that is caught, in percent, at each rate of faking and each effort."""
    for rate in (5, 10, 20):
        for effort in EFFORTS:
            lot = _caught(rate, effort, {})
            yield row(
                "draw.caught",
                f"{rate} % faked, {effort / 10:g} % looked at, first weights",
                _caught(rate, effort, WEIGHTS),
                "%",
                lot,
                ROUNDS,
                True,
            )
        learned = _learned(rate, 50)
        lot = _caught(rate, 50, {})
        yield row(
            "draw.caught",
            f"{rate} % faked, 5 % looked at, weights learned in {LEARNING} periods",
            _caught(rate, 50, learned),
            "%",
            lot,
            ROUNDS,
            True,
        )


def _town(rate: int, seed: str) -> list[Answer]:
    dice = random.Random(seed)
    town = []
    for unit in range(UNITS):
        # A third of the units does nearly all the faking.
        share = rate / 100 * (2.5 if unit % 3 == 0 else 0.25)
        for number in range(PER_UNIT):
            faked = dice.random() < share
            raised = [(k, SEVERITY[k]) for k, (bad, good) in RAISED.items() if dice.random() < (bad if faked else good)]
            town.append(Answer(f"{unit:02}-{number:03}", f"u{unit:02}", faked, tuple(raised)))
    return town


def _drawn(
    town: list[Answer], effort: int, weights: dict[str, int], seed: str
) -> tuple[list[Answer], dict[str, float]]:
    frame = [Candidate(a.id, a.unit, "", weight_of(a.signals, weights), seed) for a in town]
    if not weights:  # the baseline: everything alike, no minimum
        frame = [Candidate(c.id, "all", "", 100, seed) for c in frame]
    drawn = draw(seed, frame, Design(effort, 1 if weights else 0, 0))
    chosen = set(drawn.sample)
    return [a for a in town if a.id in chosen], {i: float(p) for i, p in drawn.chances.items()}


def _caught(rate: int, effort: int, weights: dict[str, int]) -> float:
    found = all_ = 0
    for number in range(ROUNDS):
        town = _town(rate, f"town/{rate}/{number}")
        sample, _ = _drawn(town, effort, weights, f"draw/{number}")
        found += sum(a.faked for a in sample)
        all_ += sum(a.faked for a in town)
    return 100 * found / all_


def _learned(rate: int, effort: int) -> dict[str, int]:
    """Return the weights suggested after some periods of verdicts, adopted after each; the first period knows none."""
    weights, seen = {"redo": 100}, []
    for number in range(LEARNING):
        sample, chances = _drawn(_town(rate, f"past/{rate}/{number}"), effort, weights, f"past/{number}")
        seen += [Judged(a.unit, a.faked, chances[a.id], frozenset(k for k, _ in a.signals)) for a in sample]
        weights |= {y.signal: round(y.weight * 100) for y in yields(seen) if y.weight is not None}
    return weights
