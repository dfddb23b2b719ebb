"""Every profile speaks of states, roles, events and kinds that the rest of the product knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.people.permissions import ROLES
from app.policies.parse import parse_profile
from app.policies.policy import Policy
from app.policies.publish import PROFILES
from app.policies.schemas import PolicyOut
from app.policies.wire import policy_for_phone
from app.reminders.fact_queries import WAITS
from app.rulebook.checks import TOLD
from app.tickets import lifecycle
from app.tickets.models import TicketClock
from app.tickets.timeline import SENTENCES

FILES = sorted(PROFILES.glob("*.toml"))


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def policy(request: pytest.FixtureRequest) -> Policy:
    file: Path = request.param
    return parse_profile(file.read_text("utf-8"), file.name)


def test_requests_name_states_of_the_life_cycle(policy: Policy) -> None:
    assert {state for rule in policy.requests.values() for state in rule.states} <= set(lifecycle.LABELS)


def test_signers_and_reminded_roles_exist(policy: Policy) -> None:
    assert {role for step in policy.sign_off for role in step.roles} <= set(ROLES)
    assert {role for rule in policy.reminders for role in rule.to} <= TOLD
    assert {role for ladder in policy.ladders for rung in ladder.rungs for role in rung.to} <= TOLD


def test_reminders_wait_for_events_that_are_recorded(policy: Policy) -> None:
    assert {rule.event for rule in policy.reminders if rule.event} <= {*SENTENCES, WAITS}


def test_reminder_sentences_use_only_what_is_filled_in(policy: Policy) -> None:
    for rule in policy.reminders:
        assert "{" not in rule.title.format(number="1", title="2", due="3")


def test_labels_fit_their_columns(policy: Policy) -> None:
    columns = TicketClock.__table__.columns
    for key, rule in policy.clocks.items():
        assert len(key) <= columns["clock"].type.length
        assert len(rule.label) <= columns["label"].type.length
        assert len(rule.cite) <= columns["cite"].type.length


def test_the_published_shape_is_the_documented_one(policy: Policy) -> None:
    wire = policy_for_phone(policy, lifecycle.as_wire(), lifecycle.LABELS)
    assert PolicyOut().validate(wire) == {}
