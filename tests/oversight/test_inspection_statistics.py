"""Intervals, κ and yields against figures from textbooks and by hand."""

from __future__ import annotations

import pytest

from app.oversight.inspections import statistics as s
from app.oversight.inspections.statistics import Judged


@pytest.mark.parametrize(
    ("good", "of", "low", "high"),
    # Newcombe (1998), table I: Wilson score intervals without continuity correction.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_are_those_of_the_literature(good: int, of: int, low: float, high: float) -> None:
    found = s.wilson(good, of)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert found.low <= found.share == good / of <= found.high


def test_no_sample_has_no_share() -> None:
    assert s.wilson(0, 0) is None
    assert s.result([]) == s.Result(0, 0, None, None)


def test_the_estimate_counts_each_case_for_those_it_stands_for() -> None:
    cases = [Judged("u", True, 1.0)] * 5 + [Judged("u", False, 0.1)] * 5
    found = s.result(cases)
    assert found.raw is not None and found.estimate is not None
    assert found.raw.share == 0.5
    assert found.estimate.share == pytest.approx(5 / 55)
    assert found.estimate.high - found.estimate.low > s.wilson(5, 55).high - s.wilson(5, 55).low  # type: ignore[union-attr]
    even = s.result([Judged("u", n < 3, 0.2) for n in range(10)])
    assert even.raw == even.estimate


def test_units_stand_for_themselves() -> None:
    found = s.by_unit([Judged("a", True, 1), Judged("b", False, 1), Judged("a", False, 1)])
    assert {unit: (r.cases, r.bad) for unit, r in found.items()} == {"a": (2, 1), "b": (1, 0)}


def test_kappa_is_cohens() -> None:
    """The example of his paper of 1960 in the usual form: 20 yes-yes, 15 no-no, 5 and 10 that differ: κ = 0.4."""
    pairs = [("y", "y")] * 20 + [("n", "n")] * 15 + [("y", "n")] * 5 + [("n", "y")] * 10
    found = s.kappa(pairs)
    assert (found.pairs, found.agreed, found.kappa) == (50, 35, pytest.approx(0.4))
    assert found.low == pytest.approx(0.4 - 1.959964 * 0.1296, abs=1e-3)


def test_agreement_that_could_not_fail_says_nothing() -> None:
    assert s.kappa([]).kappa is None
    assert s.kappa([("genuine", "genuine")] * 9).kappa is None
    assert s.kappa([("a", "b"), ("b", "a")]).kappa == pytest.approx(-1)


def many(bad: int, good: int, chance: float, *signals: str) -> list[Judged]:
    return [Judged("u", n < bad, chance, frozenset(signals)) for n in range(bad + good)]


def test_a_finding_that_is_often_right_earns_weight_and_one_that_is_not_does_not() -> None:
    cases = many(18, 2, 1.0, "reused") + many(2, 38, 0.1, "imported") + many(4, 76, 0.1)
    found = {y.signal: y for y in s.yields(cases)}
    assert [y.signal for y in s.yields(cases)] == ["reused", "imported"]
    reused, imported = found["reused"], found["imported"]
    assert (reused.flagged, reused.bad) == (20, 18)
    base = (18 + 20 + 40) / (20 + 400 + 800)
    assert reused.lift == pytest.approx(0.9 / base, rel=1e-3)
    assert reused.weight == pytest.approx((0.9 / base * 20 + s.PRIOR) / (20 + s.PRIOR), abs=0.01)
    assert imported.lift is not None and imported.lift < 1 and imported.weight == s.LEAST_WEIGHT


def test_three_lucky_hits_are_no_rule() -> None:
    few = s.yields(many(3, 0, 1.0, "rare") + many(10, 90, 1.0))[0]
    assert (few.flagged, few.bad, few.lift, few.weight) == (3, 3, None, None)
    five = s.yields(many(5, 0, 1.0, "rare") + many(5, 90, 1.0))[0]
    assert five.weight is not None and five.lift is not None and 1 < five.weight < five.lift
    assert s.yields(many(1000, 0, 0.001, "sure") + many(0, 99999, 1.0))[0].weight <= s.MOST_WEIGHT  # type: ignore[operator]
