"""Commands on routes, preferences, bindings and dead letters."""

from __future__ import annotations

from datetime import time
from typing import Any, Final

from sqlalchemy.orm import Session

from app.channels import schemas
from app.clock import Moment
from app.journal.record import record
from app.people import permissions
from app.people.models import Person
from app.people.permissions import Actor
from app.people.subjects import note
from app.problems import Problem, require
from app.reach.kinds import LABELS, URGENCIES
from app.reach.models import ChannelPreference, ChannelRoute, ContactPoint
from app.reminders.deliveries import forget, revive
from app.reminders.models import DELIVERED, DROPPED, FAILED, MERGED, PASSED, PENDING, Delivery, Notice
from app.tickets.models import Ticket

STATES: Final = {
    PENDING: "发送中",
    DELIVERED: "已送达",
    FAILED: "未送达",
    PASSED: "已转其他渠道",
    MERGED: "已并入一条汇总消息",
    DROPPED: "已不需要发送",
}


_LONGEST_QUIET: Final = 12 * 60
"""Minutes."""


def _allow(actor: Actor, command: str, label: str) -> None:
    require(permissions.judge(actor, command, actor.jurisdiction_id, None, label))


def set_route(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Choose the ways of one urgency for the place."""
    _allow(actor, "channel.route", "设置通知顺序")
    urgency = args["urgency"]
    route = {name: args[name] for name in ("together", "first_of", "if_none", "groups", "may_mute")}
    for line in ("together", "first_of", "if_none"):
        route[line] = list(dict.fromkeys(route[line]))
    row = session.get(ChannelRoute, (actor.jurisdiction_id, urgency), with_for_update=True)
    if row is None:
        row = ChannelRoute(jurisdiction_id=actor.jurisdiction_id, urgency=urgency)
        session.add(row)
    row.route, row.changed_by, row.changed_at = route, actor.person_id, at.received
    session.info.pop("ways", None)
    note(session, actor, "channel.routed", {"urgency": urgency, "label": URGENCIES[urgency], **route}, at)


def prefer(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Keep what the person wants to be spared, which way first, and when to wait. Raises `Problem` `quiet_wrong`."""
    _allow(actor, "channel.prefer", "设置提醒方式")
    quiet = args["quiet_from"], args["quiet_until"]
    if any(end is not None for end in quiet) and not _bearable(*quiet):
        raise Problem("quiet_wrong", hours=_LONGEST_QUIET // 60)
    order = args["order"] if args["order"] is not None else [args["preferred"]] if args["preferred"] else []
    row = session.get(ChannelPreference, actor.person_id, with_for_update=True)
    if row is None:
        row = ChannelPreference(person_id=actor.person_id)
        session.add(row)
    row.muted, row.ordered = sorted(set(args["muted"])), list(dict.fromkeys(order))
    row.preferred = order[0] if order else None
    row.quiet_from, row.quiet_until = quiet
    row.changed_at = at.received


def _bearable(since: time | None, until: time | None) -> bool:
    """Return whether hours of quiet have both ends, and are short enough for a day's work to reach the person."""
    if since is None or until is None:
        return False
    return 0 < ((until.hour - since.hour) * 60 + until.minute - since.minute) % (24 * 60) <= _LONGEST_QUIET


def unbind(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Forget one of the person's own contact points. Raises `Problem` `contact_not_found`."""
    _allow(actor, "channel.unbind", "解除绑定")
    point = session.get(ContactPoint, args["contact_id"], with_for_update=True)
    if point is None or point.person_id != actor.person_id:
        raise Problem("contact_not_found")
    told = {"person_id": actor.person_id, "name": actor.name, "label": LABELS[point.channel]}
    forget(session, point.id)
    note(session, actor, "contact.unbound", told, at)


def retry(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Send a dead letter again. Raises `Problem` `delivery_not_found`, `delivery_not_failed`."""
    _allow(actor, "delivery.retry", "重发提醒")
    row = session.get(Delivery, args["delivery_id"], with_for_update=True)
    notice = session.get(Notice, row.notice_id) if row is not None else None
    person = session.get(Person, notice.person_id) if notice is not None else None
    if row is None or notice is None or person is None or person.jurisdiction_id != actor.jurisdiction_id:
        raise Problem("delivery_not_found")
    if row.state != FAILED:
        raise Problem("delivery_not_failed", state=STATES[row.state])
    # The ticket's row is locked before its journal is written, as everywhere.
    ticket = session.get(Ticket, notice.ticket_id, with_for_update=True) if notice.ticket_id else None
    revive(row, at.received)
    told = {"delivery_id": row.id, "name": person.name, "label": LABELS[row.channel], "title": notice.title}
    if ticket is None:
        note(session, actor, "delivery.retried", told, at)
        return
    record(session, ticket, "delivery.retried", told, at, by=actor)
    ticket.version += 1


COMMANDS = {
    "channel.route": (schemas.SetRoute, set_route),
    "channel.prefer": (schemas.Prefer, prefer),
    "channel.unbind": (schemas.Unbind, unbind),
    "delivery.retry": (schemas.Retry, retry),
}
