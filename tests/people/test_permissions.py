"""Who may do what: every role × command × relation against a table written down here a second time, by hand."""

from __future__ import annotations

import itertools

import pytest

from app.people.permissions import (
    ADMIN,
    LEADER,
    LIAISON,
    PERMISSIONS,
    ROLES,
    STATION,
    SUPERVISOR,
    Actor,
    Grant,
    judge,
    role_for,
    sees,
)  # fmt: skip
from app.problems import ALLOWED
from app.sync.registry import REGISTRY
from app.tickets import lifecycle

HERE, THERE = "unit-here", "unit-there"
# One letter a role: l liaison, d leader (领导), s station, v supervisor, a admin. Upper case: in the very unit only.
DECLARED = {
    "ticket.intake": "s", "ticket.dispatch": "s", "ticket.reassign": "s", "ticket.report_to_centre": "s",
    "ticket.sign": "L", "contact.record": "LDs", "visit.record": "L", "visit.except": "L", "evidence.declare": "L",
    "evidence.withdraw": "L", "draft.save": "L", "reply.submit": "L", "reply.sign_off": "D", "reply.decline": "D",
    "review.accept": "s", "review.send_back": "s", "request.return": "L", "request.extend": "L",
    "request.withdraw": "L", "request.decide": "s", "request.record_answer": "s", "progress.report": "L",
    "thread.post": "LDs", "caller.reveal": "LDs", "handover.execute": "LDas", "membership.assign": "as",
    "membership.end": "as", "person.change_phone": "LDas", "duty.set": "LDas", "reminder.acknowledge": "ldsva",
}  # fmt: skip
LETTERS = {LIAISON: "l", LEADER: "d", STATION: "s", SUPERVISOR: "v", ADMIN: "a"}


def actor(*grants: tuple[str, str], place: str = "dalad") -> Actor:
    return Actor("person", "某人", place, "device", tuple(Grant(role, unit) for role, unit in grants))


def declared(role: str, command: str, unit: str) -> bool:
    letter = LETTERS[role]
    return letter in DECLARED[command] or (unit == HERE and letter.upper() in DECLARED[command])


@pytest.mark.parametrize(("command", "role", "unit"), itertools.product(DECLARED, ROLES, (HERE, THERE)))
def test_each_cell_of_the_table(command: str, role: str, unit: str) -> None:
    verdict = judge(actor((role, unit)), command, "dalad", HERE, "操作")
    assert (verdict == ALLOWED) is declared(role, command, unit)
    assert role_for(actor((role, unit)), command, "dalad", HERE) == (role if verdict == ALLOWED else None)
    assert judge(actor((role, unit), place="elsewhere"), command, "dalad", HERE, "操作") != ALLOWED


def test_the_table_is_whole_and_has_no_more() -> None:
    assert set(PERMISSIONS) == set(DECLARED)
    assert set(REGISTRY) <= set(DECLARED) and set(lifecycle.TRANSITIONS) <= set(DECLARED)
    assert {role for rows in PERMISSIONS.values() for role, _ in rows} <= set(ROLES)


def test_what_is_unknown_is_refused() -> None:
    everyone = actor(*((role, HERE) for role in ROLES))
    for command in ("ticket.fly", "", "ticket", "TICKET.SIGN"):
        assert judge(everyone, command, "dalad", HERE, "操作") != ALLOWED
    assert judge(actor(("emperor", HERE)), "ticket.sign", "dalad", HERE, "签收") != ALLOWED
    assert judge(actor(), "reminder.acknowledge", "dalad", HERE, "确认提醒") != ALLOWED
    assert judge(actor((LIAISON, HERE)), "ticket.sign", "dalad", None, "签收") != ALLOWED, "a ticket without a unit"


def test_the_one_who_holds_several_roles_acts_in_the_one_that_fits() -> None:
    both = actor((LIAISON, THERE), (LEADER, HERE))
    assert role_for(both, "thread.post", "dalad", HERE) == LEADER
    assert role_for(both, "ticket.sign", "dalad", HERE) is None


@pytest.mark.parametrize(("role", "unit"), itertools.product(ROLES, (HERE, THERE)))
def test_who_may_know_that_a_ticket_exists(role: str, unit: str) -> None:
    everywhere, at_home = role in (STATION, SUPERVISOR), role in (LIAISON, LEADER) and unit == HERE
    assert sees(actor((role, unit)), "dalad", [HERE]) is (everywhere or at_home)
    assert sees(actor((role, unit)), "dalad", [None]) is everywhere
    assert sees(actor((role, unit), place="elsewhere"), "dalad", [HERE]) is False
