"""The draw by itself: the same sample from the same things, nothing of it known without the seed, exact chances."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.oversight.inspections.draw import Candidate, Design, commitment, draw, population_hash, size_of

DESIGN = Design(share=100, minimum=1, blind=250)


def frame(count: int = 60, units: int = 5, seed: int = 7) -> list[Candidate]:
    dice = random.Random(seed)
    weights = (100, 100, 100, 150, 400, 2000)
    return [
        Candidate(f"t{n:04}", f"u{dice.randrange(units)}", dice.choice("abc"), dice.choice(weights), f"head{n}")
        for n in range(count)
    ]


def test_whoever_has_seed_frame_and_design_draws_the_same_in_any_order() -> None:
    one = draw("seed", frame(), DESIGN)
    shuffled = frame()
    random.Random(3).shuffle(shuffled)
    assert draw("seed", shuffled, DESIGN) == one
    assert population_hash(shuffled, DESIGN) == population_hash(frame(), DESIGN)


def test_a_drawn_sample_is_written_down() -> None:
    """A change of the arithmetic must not go unnoticed: every sample ever published would look forged."""
    drawn = draw("published", frame(24, 3), DESIGN)
    assert commitment("published").startswith("6233ff683ee2")
    assert population_hash(frame(24, 3), DESIGN).startswith("6d6d53dfcfcd")
    assert (drawn.sample, sorted(drawn.seconds)) == (("t0007", "t0006", "t0012"), ["t0012"])


@pytest.mark.parametrize("field", ["weight", "mark", "stratum", "group"])
def test_the_population_hash_covers_everything_that_is_drawn_from(field: str) -> None:
    rows = frame()
    rows[3] = replace(rows[3], **{field: 777 if field == "weight" else "other"})
    assert population_hash(rows, DESIGN) != population_hash(frame(), DESIGN)
    assert population_hash(frame(), replace(DESIGN, share=101)) != population_hash(frame(), DESIGN)
    assert population_hash(frame()[1:], DESIGN) != population_hash(frame(), DESIGN)


def test_another_seed_or_one_more_event_on_one_ticket_is_another_sample() -> None:
    rows = [Candidate(f"t{n:03}", "u", "a", 100, "h") for n in range(200)]
    design = Design(share=50, minimum=0, blind=0)
    samples = {draw(f"seed{n}", rows, design).sample for n in range(50)}
    assert len(samples) == 50
    touched = [replace(rows[0], mark="grown"), *rows[1:]]
    assert draw("seed0", touched, design).sample != draw("seed0", rows, design).sample


def test_the_chances_are_those_with_which_tickets_are_really_drawn() -> None:
    rows, rounds = frame(80, 6), 1500
    chances = draw("0", rows, DESIGN).chances
    hits = Counter(i for n in range(rounds) for i in draw(f"s{n}", rows, DESIGN).sample)
    for row in rows:
        p = float(chances[row.id])
        assert 0 < p <= 1
        if p == 1:
            assert hits[row.id] == rounds
        else:
            assert abs(hits[row.id] / rounds - p) < 4.5 * sqrt(p * (1 - p) / rounds)


def test_an_estimate_with_the_chances_is_right_although_the_risky_are_drawn_more_often() -> None:
    rows = frame(200, 4)
    bad = {row.id for row in rows if row.weight == 2000} | {row.id for row in rows[::17]}
    design = Design(share=80, minimum=2, blind=0)
    estimates = []
    for n in range(400):
        drawn = draw(f"s{n}", rows, design)
        estimates.append(sum(float(1 / drawn.chances[i]) for i in drawn.sample if i in bad))
    assert sum(estimates) / len(estimates) == pytest.approx(len(bad), rel=0.06)
    naive = [len(bad.intersection(draw(f"s{n}", rows, design).sample)) / 16 * 200 for n in range(50)]
    assert sum(naive) / len(naive) > 1.3 * len(bad), "counted alike, the risky ones would be taken for the rule"


def test_every_unit_gets_its_minimum_also_when_little_speaks_for_looking_there() -> None:
    rows = [Candidate(f"a{n:03}", "risky", "x", 2000, "h") for n in range(100)]
    rows += [Candidate(f"b{n:03}", "calm", "x", 100, "h") for n in range(100)]
    rows.append(Candidate("c", "tiny", "x", 100, "h"))
    drawn = draw("seed", rows, Design(share=50, minimum=2, blind=0))
    assert (drawn.sizes["calm"], drawn.sizes["tiny"]) == (2, 1)
    assert sum(drawn.sizes.values()) == len(drawn.sample) == size_of(201, Design(50, 2, 0)) == 11
    assert drawn.chances["c"] == 1


def test_the_sample_is_spread_over_kinds() -> None:
    rows = [Candidate(f"t{n:03}", "u", "help" if n % 2 else "complaint", 100, "h") for n in range(100)]
    for n in range(30):
        kinds = Counter(int(i[1:]) % 2 for i in draw(f"s{n}", rows, Design(100, 0, 0)).sample)
        assert kinds[0] == kinds[1] == 5


def test_the_riskiest_stand_first_and_second_looks_fall_by_lot() -> None:
    weights = {row.id: row.weight for row in frame(200)}
    drawn = draw("seed", frame(200), Design(200, 1, 200))
    assert [weights[i] for i in drawn.sample] == sorted((weights[i] for i in drawn.sample), reverse=True)
    assert len(drawn.seconds) == 8 and drawn.seconds <= set(drawn.sample)
    assert drawn.seconds != set(drawn.sample[:8]), "the riskiest are not always those seen twice"
    assert draw("seed", frame(200), Design(200, 1, 0)).seconds == frozenset()


def test_what_cannot_be_drawn_from_is_refused() -> None:
    with pytest.raises(ValueError, match="weight"):
        draw("seed", [Candidate("a", "u", "x", 0, "h")], DESIGN)
    with pytest.raises(ValueError, match="twice"):
        draw("seed", [Candidate("a", "u", "x", 100, "h")] * 2, DESIGN)
    assert draw("seed", [], DESIGN).sample == ()


_WEIGHTS = st.integers(1, 5000)
_ROWS = st.lists(st.tuples(st.sampled_from("uvwxyz"), st.sampled_from("ab"), _WEIGHTS), max_size=40)


@settings(max_examples=150, deadline=None)
@given(rows=_ROWS, share=st.integers(1, 1000), minimum=st.integers(0, 6), blind=st.integers(0, 1000), seed=st.text())
def test_whatever_is_drawn_from_sizes_and_chances_add_up(
    rows: list[tuple[str, str, int]], share: int, minimum: int, blind: int, seed: str
) -> None:
    candidates = [Candidate(f"t{n:03}", u, g, w, "h") for n, (u, g, w) in enumerate(rows)]
    design = Design(share, minimum, blind)
    drawn = draw(seed.encode(errors="replace").decode(), candidates, design)
    units = Counter(c.stratum for c in candidates)
    least = sum(min(minimum, n) for n in units.values())
    assert len(drawn.sample) == len(set(drawn.sample)) == max(size_of(len(rows), design), least)
    assert sum(drawn.chances.values(), Fraction(0)) == len(drawn.sample)
    assert all(0 < p <= 1 for p in drawn.chances.values())
    got = Counter(c.stratum for c in candidates if c.id in set(drawn.sample))
    assert all(got[u] >= min(minimum, n) for u, n in units.items())
    assert {u: got[u] for u in units} == {u: drawn.sizes[u] for u in units}
