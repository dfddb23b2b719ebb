"""Where a request stands: who has to act, by when, and whose turn it is."""

from __future__ import annotations

from collections.abc import Collection

from app.people import permissions
from app.people.permissions import ABOVE, AROUND, HERE, Grant
from app.policies.deadlines import span_end
from app.policies.policy import Policy, RequestRule, Stage
from app.problems import Problem, require
from app.requests import rules
from app.requests.models import Request
from app.requests.queries import is_current
from app.tickets import lifecycle
from app.tickets.case import Case


def rule_of(policy: Policy, kind: str) -> RequestRule:
    """Return the profile's rule for a kind. Raises `Problem` `request_kind_unknown`."""
    rule = policy.requests.get(kind)
    if rule is None:
        raise Problem("request_kind_unknown")
    return rule


def find(case: Case, request_id: str) -> tuple[Request, RequestRule]:
    """Return a request of this ticket with its rule. Raises `Problem` `request_not_found` or `request_lapsed`."""
    request = case.session.get(Request, request_id)
    if request is None or request.ticket_id != case.ticket.id:
        raise Problem("request_not_found")
    rule = rule_of(case.policy, request.kind)
    if rules.is_open(request.state) and not is_current(request, case.ticket):
        raise Problem("request_lapsed")
    return request, rule


def grant_among(case: Case, roles: Collection[str], relation: str | None = None) -> Grant | None:
    """Return the grant by which the actor holds one of `roles` towards the ticket, in the role's usual relation."""
    place, unit_id = case.ticket.jurisdiction_id, case.ticket.unit_id
    for role in roles:
        usual = HERE if role == permissions.LIAISON else ABOVE if role in permissions.LEADING else AROUND
        grant = permissions.grant_among(case.actor, (role,), relation or usual, place, unit_id)
        if grant is not None:
            return grant
    return None


def take_turn(case: Case, request: Request, rule: RequestRule, acts: tuple[str, ...]) -> Stage:
    """Return the stage the request stands at, with the actor in the role that acts there.

    Raises `Problem` `request_not_open` when it waits for no such act, `request_not_your_turn` for another's.
    """
    require(rules.judge_stage(rule, request.state, acts, lifecycle.label(case.command)))
    stage = rule.stage(request.state)
    assert stage is not None  # judge_stage has just found it
    grant = grant_among(case, stage.roles, stage.relation)
    if grant is None:
        raise Problem("request_not_your_turn", stage=stage.label)
    case.role, case.acting_for = grant.role, grant.acting_for
    return stage


def enter(case: Case, rule: RequestRule, request: Request, state: str) -> None:
    """Put the request before a stage, with the instant by which it has to act, or end it."""
    request.state, request.stage_since = state, case.at.received
    request.decide_by = request.decide_why = request.waits_for = None
    stage = rule.stage(state)
    if stage is None:
        request.ended_at = case.at.received
        case.go_on(request.asked_at, *rule.pauses)
        return
    request.waits_for = rules.listed(stage.roles)
    if stage.act == rules.ANSWER and request.until is not None:
        request.decide_by, request.decide_why = request.until, f"要求于 {case.local(request.until)} 前答复"
    elif stage.within is not None:
        end = span_end(case.policy, case.calendar, stage.within, case.at.received)
        request.decide_by = end.due_at
        request.decide_why = f"{end.length}，自 {case.local(case.at.received)} 起，至 {case.local(end.due_at)}"
