"""Who may do what: every role × command × relation against a table written down here a second time, by hand."""

from __future__ import annotations

import itertools

import pytest

from app.people.permissions import (
    ADMIN,
    CHIEF,
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
from app.sync.registry import REGISTRY
from app.tickets import lifecycle

HERE, OVER, THERE, HELPING = "unit-here", "unit-over-it", "unit-there", "unit-that-assists"
UNITS = (HERE, OVER, THERE, HELPING)
# One letter a role: l liaison, r reviewer, d leader (领导), c chief, s station, v supervisor, a admin. Lower case:
# anywhere in the jurisdiction. Upper case: for L in the very unit, for R, D and C also in a unit over it.
DECLARED = {
    "ticket.intake": "s", "ticket.dispatch": "s", "ticket.reassign": "s", "ticket.report_to_centre": "s",
    "ticket.sign": "L", "contact.record": "LRDCs", "visit.record": "L", "visit.except": "L", "evidence.declare": "L",
    "evidence.withdraw": "L", "draft.save": "L", "reply.submit": "L", "reply.sign_off": "D", "reply.decline": "D",
    "review.accept": "s", "review.send_back": "s", "request.return": "L", "request.extend": "L",
    "request.withdraw": "L", "request.decide": "s", "request.record_answer": "s", "progress.report": "L",
    "thread.post": "LRDCs", "caller.reveal": "LRDCs", "handover.execute": "LRDCas", "membership.assign": "as",
    "membership.end": "as", "unit.open": "as", "unit.rename": "as", "unit.move": "as", "unit.reach": "LRDCas",
    "unit.close": "as", "person.enrol": "as", "person.first_password": "as", "person.disable": "as",
    "deputation.appoint": "rdcas", "deputation.end": "rdcas", "training.record": "as",
    "person.change_phone": "LRDCas", "duty.set": "LRDCas", "reminder.acknowledge": "lrdcsva",
}  # fmt: skip
# Letters of the roles that may do it from a unit that assists on the ticket.
ASSISTING: dict[str, str] = {}
LETTERS = {LIAISON: "l", REVIEWER: "r", LEADER: "d", CHIEF: "c", STATION: "s", SUPERVISOR: "v", ADMIN: "a"}


def grant(role: str, unit: str, acting_for: str | None = None) -> Grant:
    below = frozenset({HERE} if unit == OVER and role in LEADING else ())
    return Grant(role, unit, acting_for=acting_for, below=below)


def actor(*grants: tuple[str, str], place: str = "dalad") -> Actor:
    return Actor("person", "某人", place, "device", tuple(grant(role, unit) for role, unit in grants))


def declared(role: str, command: str, unit: str) -> bool:
    letter, said = LETTERS[role], DECLARED[command]
    if letter in said or (unit == HELPING and letter in ASSISTING.get(command, "")):
        return True
    return letter.upper() in said and (unit == HERE or (unit == OVER and role in LEADING))


@pytest.mark.parametrize(("command", "role", "unit"), itertools.product(DECLARED, ROLES, UNITS))
def test_each_cell_of_the_table(command: str, role: str, unit: str) -> None:
    verdict = judge(actor((role, unit)), command, "dalad", HERE, "操作", [HELPING])
    assert (verdict == ALLOWED) is declared(role, command, unit)
    expected = role if verdict == ALLOWED else None
    assert role_for(actor((role, unit)), command, "dalad", HERE, [HELPING]) == expected
    assert judge(actor((role, unit), place="elsewhere"), command, "dalad", HERE, "操作", [HELPING]) != ALLOWED


def test_the_table_is_whole_and_has_no_more() -> None:
    assert set(PERMISSIONS) == set(DECLARED)
    assert set(REGISTRY) <= set(DECLARED) and set(lifecycle.TRANSITIONS) <= set(DECLARED)
    assert {role for rows in PERMISSIONS.values() for role, _ in rows} <= set(ROLES)
    assert set(ASSISTING) <= set(DECLARED) and set(LETTERS) == set(ROLES)


def test_what_is_unknown_is_refused() -> None:
    everyone = actor(*((role, HERE) for role in ROLES))
    for command in ("ticket.fly", "", "ticket", "TICKET.SIGN"):
        assert judge(everyone, command, "dalad", HERE, "操作") != ALLOWED
    assert judge(actor(("emperor", HERE)), "ticket.sign", "dalad", HERE, "签收") != ALLOWED
    assert judge(actor(), "reminder.acknowledge", "dalad", HERE, "确认提醒") != ALLOWED
    assert judge(actor((LIAISON, HERE)), "ticket.sign", "dalad", None, "签收") != ALLOWED, "a ticket without a unit"
    assert judge(actor((LEADER, OVER)), "thread.post", "dalad", None, "留言") != ALLOWED, "a ticket without a unit"


def test_the_one_who_holds_several_roles_acts_in_the_one_that_fits() -> None:
    both = actor((LIAISON, THERE), (LEADER, HERE))
    assert role_for(both, "thread.post", "dalad", HERE) == LEADER
    assert role_for(both, "ticket.sign", "dalad", HERE) is None


def test_a_deputy_acts_for_the_principal_and_as_self_where_self_may() -> None:
    deputy = Actor("d", "代行者", "dalad", None, (grant(LEADER, HERE), grant(CHIEF, OVER, "boss")))
    talking = grant_for(deputy, "thread.post", "dalad", HERE)
    assert talking is not None and (talking.role, talking.acting_for) == (LEADER, None)
    only = Actor("d", "代行者", "dalad", None, (grant(CHIEF, OVER, "boss"),))
    standing_in = grant_for(only, "thread.post", "dalad", HERE)
    assert standing_in is not None and (standing_in.role, standing_in.acting_for) == (CHIEF, "boss")
    assert only.in_sight() == {HERE, OVER} and only.units(CHIEF) == {OVER}


@pytest.mark.parametrize(("role", "unit"), itertools.product(ROLES, UNITS))
def test_who_may_know_that_a_ticket_exists(role: str, unit: str) -> None:
    everywhere = role in (STATION, SUPERVISOR)
    at_home = role in (LIAISON, *LEADING) and (unit == HERE or (unit == OVER and role in LEADING))
    helping = role in (LIAISON, *LEADING) and unit == HELPING
    assert sees(actor((role, unit)), "dalad", [HERE]) is (everywhere or at_home)
    assert sees(actor((role, unit)), "dalad", [HERE, HELPING]) is (everywhere or at_home or helping)
    assert sees(actor((role, unit)), "dalad", [None]) is everywhere
    assert sees(actor((role, unit), place="elsewhere"), "dalad", [HERE, HELPING]) is False
