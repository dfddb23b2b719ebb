"""Who may do what, rule by rule; the whole table is tried in tests/architecture/test_table_of_commands.py. Pure."""

from __future__ import annotations

import itertools

import pytest

from app.people.permissions import (
    ABOVE,
    ADMIN,
    AROUND,
    ASSIST,
    CHIEF,
    HERE,
    LEADER,
    LEADING,
    LIAISON,
    PERMISSIONS,
    REVIEWER,
    ROLES,
    STATION,
    SUPERVISOR,
    Actor,
    Grant,
    grant_for,
    judge,
    role_for,
    sees,
)  # fmt: skip
from app.problems import ALLOWED

UNIT, OVER, BESIDE, HELPING = "the-unit", "over-it", "beside-it", "that-assists"
REACHED = {
    HERE: {UNIT},
    ABOVE: {UNIT, OVER},
    AROUND: {UNIT, OVER, BESIDE, HELPING},
    ASSIST: {HELPING},
}  # fmt: skip


def grant(role: str, unit: str, acting_for: str | None = None) -> Grant:
    below = frozenset({UNIT} if unit == OVER and role in LEADING else ())
    return Grant(role, unit, acting_for=acting_for, below=below)


def actor(*grants: tuple[str, str], place: str = "dalad") -> Actor:
    return Actor("person", "某人", place, "device", tuple(grant(role, unit) for role, unit in grants))


@pytest.mark.parametrize(("command", "unit"), itertools.product(sorted(PERMISSIONS), sorted(REACHED[AROUND])))
def test_a_relation_reaches_as_far_as_it_says_and_no_further(command: str, unit: str) -> None:
    for role in ROLES:
        rows = [relation for holder, relation in PERMISSIONS[command] if holder == role]
        # Whoever is no leader has nothing below: standing above helps them nowhere.
        expected = any(unit in REACHED[relation] - (set() if role in LEADING else {OVER}) for relation in rows)
        expected = expected or (AROUND in rows)
        assert (role_for(actor((role, unit)), command, "dalad", UNIT, [HELPING]) == role) is expected, role
        assert judge(actor((role, unit), place="elsewhere"), command, "dalad", UNIT, "操作", [HELPING]) != ALLOWED


def test_what_is_unknown_is_refused() -> None:
    everyone = actor(*((role, UNIT) for role in ROLES))
    for command in ("ticket.fly", "", "ticket", "TICKET.SIGN"):
        assert judge(everyone, command, "dalad", UNIT, "操作") != ALLOWED
    assert judge(actor(("emperor", UNIT)), "ticket.sign", "dalad", UNIT, "签收") != ALLOWED
    assert judge(actor(), "reminder.acknowledge", "dalad", UNIT, "确认提醒") != ALLOWED
    assert judge(actor((LIAISON, UNIT)), "ticket.sign", "dalad", None, "签收") != ALLOWED, "a ticket without a unit"
    assert judge(actor((LEADER, OVER)), "thread.post", "dalad", None, "留言") != ALLOWED, "a ticket without a unit"


def test_the_one_who_holds_several_roles_acts_in_the_one_that_fits() -> None:
    both = actor((LIAISON, BESIDE), (LEADER, UNIT))
    assert role_for(both, "thread.post", "dalad", UNIT) == LEADER
    assert role_for(both, "ticket.sign", "dalad", UNIT) is None


def test_a_deputy_acts_for_the_principal_and_as_self_where_self_may() -> None:
    deputy = Actor("d", "代行者", "dalad", None, (grant(LEADER, UNIT), grant(LEADER, UNIT, "boss")))
    own = grant_for(deputy, "reply.sign_off", "dalad", UNIT)
    assert own is not None and (own.role, own.acting_for) == (LEADER, None)
    only = Actor("d", "代行者", "dalad", None, (grant(LIAISON, BESIDE), grant(CHIEF, OVER, "boss")))
    standing_in = grant_for(only, "thread.post", "dalad", UNIT)
    assert standing_in is not None and (standing_in.role, standing_in.acting_for) == (CHIEF, "boss")
    assert only.in_sight() == {UNIT, OVER, BESIDE} and only.units(CHIEF) == {OVER}
    assert only.reach(LIAISON) == {BESIDE}


@pytest.mark.parametrize(("role", "unit"), itertools.product(ROLES, sorted(REACHED[AROUND])))
def test_who_may_know_that_a_ticket_exists(role: str, unit: str) -> None:
    everywhere, works = role in (STATION, SUPERVISOR), role in (LIAISON, REVIEWER, LEADER, CHIEF)
    at_home = works and (unit == UNIT or (unit == OVER and role in LEADING))
    helping = works and unit == HELPING
    assert sees(actor((role, unit)), "dalad", [UNIT]) is (everywhere or at_home)
    assert sees(actor((role, unit)), "dalad", [UNIT, HELPING]) is (everywhere or at_home or helping)
    assert sees(actor((role, unit)), "dalad", [None]) is everywhere
    assert sees(actor((role, unit), place="elsewhere"), "dalad", [UNIT, HELPING]) is False
    assert role != ADMIN or not (everywhere or at_home or helping)
