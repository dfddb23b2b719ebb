"""The only SELECTs behind the administrator's screen, a person's own channels and the delivery log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.channels.catalogue import FIELDS
from app.channels.commands import STATES
from app.people.masking import mask_phone
from app.people.models import Person, Unit
from app.people.permissions import Actor
from app.people.queries import names
from app.reach.kinds import CONFIGURED, DEFAULTS, GROUPS, LABELS, MAIL, PERSONAL, SMS, URGENCIES, WEBPUSH
from app.reach.models import ChannelRoute, ContactPoint
from app.reach.queries import points_of, settings_of, ways_of, wish_of
from app.reminders.models import DELIVERED, FAILED, PENDING, Delivery, Notice
from app.tickets.models import Assist, Ticket
from app.vault import Vault

_BIND: Final = {"wechat": "oauth", "wecom": "oauth", MAIL: "mail", WEBPUSH: "device"}
_LATEST: Final = 100


def channels_wire(session: Session, place: str, callbacks: dict[str, str]) -> list[dict[str, Any]]:
    """Return every channel as an administrator sees it; of a secret only whether there is one."""
    settings = settings_of(session, place)
    called = names(session, [row.changed_by for row in settings.values()])
    bound = _bound(session, place)
    found = []
    for channel in CONFIGURED:
        row = settings.get(channel)
        fields = [
            {
                "name": f.name,
                "label": f.label,
                "kind": f.kind,
                "secret": f.secret,
                "needed": f.needed,
                "usual": f.usual,
                "hint": f.hint,
                "choices": [list(choice) for choice in f.choices],
                "value": None if f.secret else (row.options.get(f.name, "") if row else ""),
                "filled": bool(row and (f.name in row.secret_names if f.secret else row.options.get(f.name))),
            }
            for f in FIELDS[channel]
        ]
        found.append(
            {
                "channel": channel,
                "label": LABELS[channel],
                "group": channel in GROUPS,
                "enabled": bool(row and row.enabled),
                "changed_by": called.get(row.changed_by) if row else None,
                "changed_at": clock.iso(row.changed_at) if row else None,
                "callback_url": callbacks.get(channel),
                "bound": bound.get(channel, 0),
                "fields": fields,
            }
        )
    return found


def _bound(session: Session, place: str) -> dict[str, int]:
    query = (
        select(ContactPoint.channel, func.count().label("number"))
        .join(Person, Person.id == ContactPoint.person_id)
        .where(Person.jurisdiction_id == place, ContactPoint.verified_at.is_not(None))
        .group_by(ContactPoint.channel)
    )
    return {row.channel: row.number for row in session.execute(query)}


def routes_wire(session: Session, place: str) -> list[dict[str, Any]]:
    """Return the ways of every urgency."""
    routes = ways_of(session, place).routes
    chosen = set(session.scalars(select(ChannelRoute.urgency).where(ChannelRoute.jurisdiction_id == place)))
    return [
        {
            "urgency": urgency,
            "label": label,
            "chosen": urgency in chosen,
            "together": list(routes[urgency].together),
            "first_of": list(routes[urgency].first_of),
            "if_none": list(routes[urgency].if_none),
            "groups": routes[urgency].groups,
            "may_mute": routes[urgency].may_mute,
        }
        for urgency, label in URGENCIES.items()
    ]


def robots_wire(session: Session, vault: Vault, place: str) -> list[dict[str, Any]]:
    """Return the place's group robots; of the address only the host. Raises `Problem` `secret_unreadable`."""
    query = (
        select(ContactPoint, Unit.name)
        .join(Unit, Unit.id == ContactPoint.unit_id)
        .where(Unit.jurisdiction_id == place, ContactPoint.channel.in_(GROUPS))
        .order_by(Unit.name, ContactPoint.created_at)
    )
    return [
        {
            "id": point.id,
            "channel": point.channel,
            "unit_id": point.unit_id,
            "unit": unit,
            "label": point.label,
            "host": urlsplit(vault.open(point.address)).hostname or "",
            "refused_why": point.refused_why,
        }
        for point, unit in session.execute(query)
    ]


def robots_in(session: Session, place: str, channel: str) -> list[ContactPoint]:
    """Return the robots of a channel in the place."""
    query = select(ContactPoint).join(Unit, Unit.id == ContactPoint.unit_id).where(Unit.jurisdiction_id == place)
    return list(session.scalars(query.where(ContactPoint.channel == channel)))


def own_wire(session: Session, actor: Actor) -> dict[str, Any]:
    """Return the channels of the place with the person's own contact points and wishes."""
    ways, wish = ways_of(session, actor.jurisdiction_id), wish_of(session, actor.person_id)
    points: dict[str, list[ContactPoint]] = {}
    for point in points_of(session, actor.person_id):
        points.setdefault(point.channel, []).append(point)
    return {
        "channels": [
            {
                "channel": channel,
                "label": LABELS[channel],
                "bind": _BIND.get(channel),
                "muted": channel in wish.muted,
                "points": _own_points(session, actor, channel, points.get(channel, [])),
            }
            for channel in PERSONAL
            if channel in ways.channels
        ],
        "preferred": wish.order[0] if wish.order else None,
        "order": sorted(
            (channel for channel in PERSONAL if channel in ways.channels),
            key=lambda channel: wish.order.index(channel) if channel in wish.order else len(wish.order),
        ),
        "quiet_from": f"{wish.quiet[0]:%H:%M}" if wish.quiet else None,
        "quiet_until": f"{wish.quiet[1]:%H:%M}" if wish.quiet else None,
        "may_mute": [URGENCIES[urgency] for urgency in DEFAULTS if ways.routes[urgency].may_mute],
    }


def _own_points(session: Session, actor: Actor, channel: str, points: Sequence[ContactPoint]) -> list[dict[str, Any]]:
    if channel == SMS:
        phone = mask_phone(session.get_one(Person, actor.person_id).phone)
        return [{"id": None, "label": phone, "here": True, "verified_at": None, "refused_why": None}]
    return [
        {
            "id": point.id,
            "label": point.label,
            "here": point.device_id is not None and point.device_id == actor.device_id,
            "verified_at": clock.iso(point.verified_at) if point.verified_at else None,
            "refused_why": point.refused_why if point.refused_at else None,
        }
        for point in points
    ]


def units_of_ticket(session: Session, ticket: Ticket) -> list[str | None]:
    """Return the units that the ticket stands with or is helped by."""
    helping = select(Assist.unit_id).where(Assist.ticket_id == ticket.id, Assist.ended_at.is_(None))
    return [ticket.unit_id, *session.scalars(helping)]


def deliveries_of_ticket(session: Session, ticket_id: str) -> list[dict[str, Any]]:
    """Return who was told what of a ticket, by which way and with what success, the latest first."""
    query = _log().where(Notice.ticket_id == ticket_id).order_by(Delivery.id.desc()).limit(_LATEST)
    return [_wire(row) for row in session.execute(query)]


def deliveries_page(
    session: Session, place: str, state: str | None, channel: str | None, before: str | None, size: int
) -> dict[str, Any]:
    """Return a page of the place's delivery log; `state` failed are the dead letters."""
    query = _log().where(Person.jurisdiction_id == place)
    if state is not None:
        query = query.where(Delivery.state == state)
    if channel is not None:
        query = query.where(Delivery.channel == channel)
    if before is not None:
        query = query.where(Delivery.id < before)
    rows = session.execute(query.order_by(Delivery.id.desc()).limit(size + 1)).all()
    return {
        "deliveries": [_wire(row) for row in rows[:size]],
        "before": rows[size - 1].Delivery.id if len(rows) > size else None,
    }


def _log() -> Any:
    return (
        select(Delivery, Notice, Person.id.label("person_id"), Person.name.label("person"), Ticket.number)
        .join(Notice, Notice.id == Delivery.notice_id)
        .join(Person, Person.id == Notice.person_id)
        .outerjoin(Ticket, Ticket.id == Notice.ticket_id)
    )


def _wire(row: Any) -> dict[str, Any]:
    delivery, notice = row.Delivery, row.Notice
    to = f"{delivery.service or '群机器人'}（群）" if delivery.to_group else row.person
    asked = delivery.asked_at or notice.at
    came = _came(delivery, notice.acknowledged_at)
    return {
        "id": delivery.id,
        "notice_id": notice.id,
        "reminder_id": notice.reminder_id,
        "ticket_id": notice.ticket_id,
        "number": row.number,
        "person_id": row.person_id,
        "person": row.person,
        "channel": delivery.channel,
        "channel_label": LABELS.get(delivery.channel, delivery.channel),
        "to": to,
        "title": notice.title,
        "state": delivery.state,
        "words": f"{LABELS.get(delivery.channel, delivery.channel)} → {to}，{came}",
        "came": came,
        "to_group": delivery.to_group,
        "error": delivery.last_error,
        "attempts": delivery.attempts,
        "asked_at": clock.iso(asked),
        "delivered_at": clock.iso(delivery.delivered_at) if delivery.delivered_at else None,
        "next_attempt_at": clock.iso(delivery.next_attempt_at) if delivery.state == PENDING else None,
        "acknowledged_at": clock.iso(notice.acknowledged_at) if notice.acknowledged_at else None,
        "may_retry": delivery.state == FAILED,
    }


def _came(delivery: Delivery, acknowledged: datetime | None) -> str:
    said = "本人已查看" if acknowledged and delivery.state == DELIVERED else STATES[delivery.state]
    why = f"：{delivery.last_error}" if delivery.last_error and delivery.state != DELIVERED else ""
    return f"{said}{why}"
