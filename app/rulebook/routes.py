"""Profiles in plain Chinese for everybody of the place; edited, tried and published by its administrator."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.http import actor, database, json_response, signed_in
from app.people.models import Jurisdiction
from app.people.permissions import ADMIN
from app.policies.publish import text_of
from app.policies.queries import policy_of
from app.problems import Problem
from app.reminders import runs
from app.rulebook import commands, queries, schemas
from app.rulebook.describe import describe
from app.rulebook.preview import preview

blueprint = Blueprint("rulebook", __name__, url_prefix="/api/v1", description="规则与节假日")


def _place(session: Session, profile: str) -> Jurisdiction:
    """Return the actor's own jurisdiction; of others not even their existence is told (A7)."""
    if profile != actor().jurisdiction_id:
        raise Problem("policy_not_found")
    return session.get_one(Jurisdiction, profile)


@blueprint.get("/policies/<profile>")
@signed_in
@blueprint.response(200, schemas.RulesOut)
def rules(profile: str) -> Response:
    """Return what applies here and by which clause, and the published versions. 404 for another place's."""
    with database().read() as session:
        place = _place(session, profile)
        policy = policy_of(session, place.policy_id)
        body = {
            "id": policy.id,
            "name": policy.name,
            "sections": describe(policy),
            "versions": queries.versions(session, profile, place.policy_id),
            "may_publish": actor().has(ADMIN),
        }
    return json_response(body)


@blueprint.get("/policies/<profile>/text")
@signed_in
@blueprint.response(200, schemas.TextOut)
def text(profile: str) -> Response:
    """Return the version in force as it is written, to begin the next one from. 403, 404."""
    with database().read() as session:
        place = _place(session, profile)
        commands.allow(actor(), "policy.publish", "编辑规则")
        written = text_of(session, place.policy_id)
        if written is None:
            raise Problem("policy_text_lost", policy_id=place.policy_id)
        following = commands.latest_version(session, profile) + 1
        body = {"id": place.policy_id, "text": written, "next_version": following}
    return json_response(body)


@blueprint.post("/policies/<profile>/validate")
@signed_in
@blueprint.arguments(schemas.PolicyText)
@blueprint.response(200, schemas.CheckedOut)
def validate(args: dict[str, Any], profile: str) -> Response:
    """Say whether a text could be published, with line, key and reason of what is wrong, and what it says. 403, 404."""
    with database().read() as session:
        _place(session, profile)
        commands.allow(actor(), "policy.publish", "编辑规则")
        policy, faults = commands.checked(session, profile, args["text"])
    body = {
        "ok": policy is not None,
        "id": policy.id if policy else None,
        "errors": [asdict(fault) for fault in faults],
        "sections": describe(policy) if policy else [],
    }
    return json_response(body)


@blueprint.post("/policies/<profile>/preview")
@signed_in
@blueprint.arguments(schemas.PolicyText)
@blueprint.response(200, schemas.PreviewOut)
def try_out(args: dict[str, Any], profile: str) -> Response:
    """Return what a text would have done to last month's tickets, deadline by deadline. 403, 404, 422."""
    with database().read() as session:
        place = _place(session, profile)
        commands.allow(actor(), "policy.publish", "编辑规则")
        policy = commands.required(session, profile, args["text"])
        body = preview(session, place.id, policy, clock.now())
    return json_response(body)


@blueprint.post("/policies/<profile>/publish")
@signed_in
@blueprint.arguments(schemas.PolicyPublish)
@blueprint.response(201, schemas.PublishedOut)
def publish(args: dict[str, Any], profile: str) -> Response:
    """Publish a text as the next version; running tickets keep theirs. 403, 404, 422 policy_invalid."""
    with database().unit_of_work() as session:
        place = _place(session, profile)
        commands.publish_policy(session, actor(), args, Moment.of_server(clock.now()))
        session.flush()
        body = {"id": place.policy_id}
    return json_response(body, 201)


@blueprint.get("/policies/<profile>/replannings")
@signed_in
@blueprint.response(200, schemas.ReplanningsOut)
def replannings(profile: str) -> Response:
    """Return how far the latest replannings of reminders have come. 403, 404."""
    with database().read() as session:
        place = _place(session, profile)
        commands.allow(actor(), "policy.replan", "查看提醒的重新排定")
        body = {"runs": runs.runs_wire(session, place.id, clock.now())}
    return json_response(body)


@blueprint.get("/calendar")
@signed_in
@blueprint.response(200, schemas.CalendarOut)
def calendar() -> Response:
    """Return the published years, how many limits wait for one, and how far computing them again has come."""
    with database().read() as session:
        body = queries.calendar_wire(session, actor().jurisdiction_id)
    return json_response(body)
