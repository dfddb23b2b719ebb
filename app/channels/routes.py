"""Channels as an administrator sets them up, and the delivery log.

Setting up is a route and not a command: what holds a secret must not lie in a phone's outbox (docs/adr/0007).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app import clock
from app.channels import administration, queries, schemas, trying
from app.channels.administration import Desk
from app.channels.exits import Exits
from app.channels.outside import Unreachable
from app.clock import Moment
from app.http import actor, app_url, config, database, json_response, signed_in
from app.limits import limiter
from app.people import permissions
from app.people.permissions import sees
from app.problems import Problem, require
from app.reach.kinds import CONFIGURED, LABELS, WECHAT
from app.tickets.models import Ticket

blueprint = Blueprint("channels", __name__, url_prefix="/api/v1/channels", description="通知渠道")
log_blueprint = Blueprint("deliveries", __name__, url_prefix="/api/v1/deliveries", description="提醒发送记录")


def _exits() -> Exits:
    return Exits(config(), database())


def _now() -> Moment:
    return Moment.of_server(clock.now())


def _desk() -> Desk:
    return Desk(actor(), _exits().vault, _exits().outside)


@blueprint.get("")
@signed_in
@blueprint.response(200, schemas.ChannelsOut)
def channels() -> Response:
    """List the channels with their settings, without any secret, the ways of each urgency, and the groups' robots."""
    administration.allow(actor())
    place = actor().jurisdiction_id
    callbacks = {WECHAT: f"{app_url()}/api/v1/wechat/{place}/callback"}
    with database().read() as session:
        return json_response(
            {
                "channels": queries.channels_wire(session, place, callbacks),
                "routes": queries.routes_wire(session, place),
                "robots": queries.robots_wire(session, _exits().vault, place),
            }
        )


@blueprint.put("/<channel>")
@signed_in
@blueprint.arguments(schemas.Configure)
@blueprint.response(204)
def configure(args: dict[str, Any], channel: str) -> None:
    """Set a channel up or change it; secrets that are left out stay."""
    with database().unit_of_work() as session:
        administration.configure(session, _desk(), channel, args, _now())


@blueprint.post("/<channel>/test")
@signed_in
@limiter.limit("12 per minute")
@blueprint.response(200, schemas.ChannelTried)
def test(channel: str) -> Response:
    """Try a channel out, switched on or not, and say what its service answered."""
    administration.allow(actor())
    if channel not in CONFIGURED:
        raise Problem("channel_unknown", channel=channel[:32])
    exits = _exits()
    with database().read() as session:
        to = trying.targets(session, exits, actor(), channel)
    return json_response(asdict(trying.try_setup(exits, actor(), channel, to, app_url())))


@blueprint.post("/wechat/menu")
@signed_in
@limiter.limit("6 per minute")
@blueprint.response(204)
def menu() -> None:
    """Give the official account its menu. 502 channel_unreachable with what WeChat said."""
    administration.allow(actor())
    account = _exits().wechat(actor().jurisdiction_id)
    if account is None:
        raise Problem("channel_off", label=LABELS[WECHAT])
    try:
        account.set_menu(app_url())
    except Unreachable as error:
        raise Problem("channel_unreachable", label=LABELS[WECHAT], why=error.outcome.reason) from error


@blueprint.post("/robots")
@signed_in
@blueprint.arguments(schemas.NewRobot)
@blueprint.response(201, schemas.NewRobotOut)
def new_robot(args: dict[str, Any]) -> Response:
    """Put a robot into a unit's group."""
    with database().unit_of_work() as session:
        robot_id = administration.add_robot(session, _desk(), args, _now())
    return json_response({"id": robot_id}, 201)


@blueprint.delete("/robots/<uuid:contact_id>")
@signed_in
@blueprint.response(204)
def remove_robot(contact_id: Any) -> None:
    """Take a robot out of use."""
    with database().unit_of_work() as session:
        administration.remove_robot(session, actor(), str(contact_id), _now())


@log_blueprint.get("")
@signed_in
@log_blueprint.arguments(schemas.SentQuery, location="query")
@log_blueprint.response(200, schemas.SentList)
def deliveries(args: dict[str, Any]) -> Response:
    """Return a page of the place's delivery log; `state=failed` are the dead letters, which can be sent again."""
    require(permissions.judge(actor(), "delivery.retry", actor().jurisdiction_id, None, "查看发送记录"))
    place = actor().jurisdiction_id
    with database().read() as session:
        page = queries.deliveries_page(
            session, place, args["state"], args["channel"], args["before"], args["page_size"]
        )
    return json_response(page)


@log_blueprint.get("/tickets/<uuid:ticket_id>")
@signed_in
@log_blueprint.response(200, schemas.SentList)
def of_ticket(ticket_id: Any) -> Response:
    """Return who was told what of a ticket, when, by which way, and whether it arrived."""
    with database().read() as session:
        ticket = session.get(Ticket, str(ticket_id))
        units = queries.units_of_ticket(session, ticket) if ticket is not None else []
        if ticket is None or not sees(actor(), ticket.jurisdiction_id, units):
            raise Problem("ticket_not_found")
        return json_response({"deliveries": queries.deliveries_of_ticket(session, ticket.id), "before": None})
