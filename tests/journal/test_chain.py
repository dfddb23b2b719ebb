"""The chain over one subject's events: whatever is done to them behind its back is found, and where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.journal.chain import GENESIS, Break, Link, digest, verify

pytestmark = pytest.mark.slow

Chain = list[tuple[Link, str]]
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
numbers = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))
plain = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, words),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=8,
)
payloads = st.dictionaries(words, plain, max_size=4)


def build(bodies: list[dict[str, Any]]) -> Chain:
    """A chain over payloads, as `record` links them."""
    chain: Chain = []
    previous = GENESIS
    for seq, body in enumerate(bodies, start=1):
        at = f"2026-11-20T01:14:{seq:02}.000Z"
        link = Link("subject", seq, "thread.posted", at, "actor", "liaison", None, None, body, previous)
        previous = digest(link)
        chain.append((link, previous))
    return chain


def judge(chain: Chain, events: Chain) -> Break | None:
    """Verify `events` against what the subject says of the chain it had."""
    return verify("subject", len(chain), chain[-1][1] if chain else "", events)


chains = st.lists(payloads, min_size=1, max_size=8).map(build)


@given(st.lists(payloads, max_size=8).map(build))
def test_an_untouched_chain_holds(chain: Chain) -> None:
    assert judge(chain, chain) is None


@given(data=st.data(), chain=chains)
def test_a_changed_field_is_found_at_its_event(data: st.DataObject, chain: Chain) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    link, stored = chain[place]
    field, value = data.draw(
        st.sampled_from([
            ("name", "ticket.signed"), ("at", "2026-11-20T01:14:00.001Z"), ("actor_id", "other"), ("actor_id", None),
            ("role", "station"), ("device_id", "phone"), ("command_id", "c"),
            ("payload", link.payload | {"added": 1}), ("payload", {"nothing": "as it was"}), ("subject_id", "else"),
        ])
    )  # fmt: skip
    if getattr(link, field) == value:
        return
    changed = [*chain[:place], (replace(link, **{field: value}), stored), *chain[place + 1 :]]
    assert judge(chain, changed) == Break("subject", place + 1, "changed")


@given(data=st.data(), chain=chains)
def test_a_change_with_its_hash_made_anew_is_found_at_the_next_event_or_the_head(
    data: st.DataObject, chain: Chain
) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    link = replace(chain[place][0], role="station")
    found = judge(chain, [*chain[:place], (link, digest(link)), *chain[place + 1 :]])
    last = place == len(chain) - 1
    expected = Break("subject", place + 1, "head_differs") if last else Break("subject", place + 2, "reordered")
    assert found == expected


@given(data=st.data(), chain=chains)
def test_a_removed_event_is_found(data: st.DataObject, chain: Chain) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    found = judge(chain, chain[:place] + chain[place + 1 :])
    reason = "tail_missing" if place == len(chain) - 1 else "missing"
    assert found == Break("subject", place + 1, reason)


@given(data=st.data(), chain=chains)
def test_a_cut_tail_is_found(data: st.DataObject, chain: Chain) -> None:
    kept = data.draw(st.integers(0, len(chain) - 1))
    assert judge(chain, chain[:kept]) == Break("subject", kept + 1, "tail_missing")


@given(data=st.data(), chain=st.lists(payloads, min_size=2, max_size=8).map(build))
def test_swapped_events_are_found_even_when_renumbered(data: st.DataObject, chain: Chain) -> None:
    first = data.draw(st.integers(0, len(chain) - 2))
    second = data.draw(st.integers(first + 1, len(chain) - 1))
    swapped = list(chain)
    (a, a_hash), (b, b_hash) = chain[first], chain[second]
    swapped[first] = (replace(b, subject_seq=a.subject_seq), b_hash)
    swapped[second] = (replace(a, subject_seq=b.subject_seq), a_hash)
    assert judge(chain, swapped) == Break("subject", first + 1, "reordered")


@given(chain=chains, extra=payloads)
def test_an_added_event_is_found_by_the_length(chain: Chain, extra: dict[str, Any]) -> None:
    longer = build([link.payload for link, _ in chain] + [extra])
    assert judge(chain, longer) == Break("subject", len(chain) + 2, "tail_missing")


@given(chain=chains)
def test_another_head_is_found(chain: Chain) -> None:
    assert verify("subject", len(chain), GENESIS, chain) == Break("subject", len(chain), "head_differs")


def test_the_digest_is_what_it_was_in_the_first_release() -> None:
    """Whoever changes the canonical form makes every chain on earth unprovable: this value must never change."""
    link = Link("s", 1, "ticket.signed", "2026-11-20T01:14:00.000Z", "a", "liaison", None, None,
                {"字": [1, 1.5, -0.0, True, None, {"b": "é", "a": "\u2028"}]}, GENESIS)  # fmt: skip
    assert digest(link) == DIGEST


DIGEST = "cd50e54093dae228df6d07c257f41564dd9c2294e740acad55024aa700796f6a"
