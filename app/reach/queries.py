"""The only SELECTs on contact points, channels and routes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from app.people.models import Device, LoginSession, Person
from app.reach import kinds
from app.reach.kinds import DEFAULTS, GROUPS, NO_WISH, SMS, WEBPUSH, Route, Wish
from app.reach.models import ChannelPreference, ChannelRoute, ChannelSetting, ContactPoint


@dataclass(frozen=True, slots=True)
class Ways:
    """What a place offers: its enabled channels and its route for each urgency."""

    channels: frozenset[str]
    routes: dict[str, Route]


@dataclass(frozen=True, slots=True)
class Reachable:
    """One person's contact points by channel (SMS has none: the directory's number), and what they prefer."""

    person_id: str
    jurisdiction_id: str
    points: dict[str, list[ContactPoint]] = field(default_factory=dict)
    wish: Wish = NO_WISH


def address_hash(address: str) -> str:
    """Return what an address is found by."""
    return hashlib.sha256(address.encode()).hexdigest()


def ways_of(session: Session, jurisdiction_id: str) -> Ways:
    """Return what the place offers; read once a transaction, since one tick tells hundreds of people."""
    known: dict[str, Ways] = session.info.setdefault("ways", {})
    if jurisdiction_id not in known:
        known[jurisdiction_id] = _ways(session, jurisdiction_id)
    return known[jurisdiction_id]


def _ways(session: Session, jurisdiction_id: str) -> Ways:
    enabled = select(ChannelSetting.channel).where(
        ChannelSetting.jurisdiction_id == jurisdiction_id, ChannelSetting.enabled.is_(True)
    )
    chosen = select(ChannelRoute.urgency, ChannelRoute.route).where(ChannelRoute.jurisdiction_id == jurisdiction_id)
    routes = {urgency: route_of(stored) for urgency, stored in session.execute(chosen)}
    return Ways(frozenset({WEBPUSH, *session.scalars(enabled)}), {**DEFAULTS, **routes})


def route_of(stored: dict[str, Any]) -> Route:
    """Return the route that a row (or a command) describes."""
    return Route(
        tuple(stored["together"]), tuple(stored["first_of"]), tuple(stored["if_none"]),
        bool(stored["groups"]), bool(stored["may_mute"]),
    )  # fmt: skip


def reachable(session: Session, person_ids: Collection[str], at: datetime) -> dict[str, Reachable]:
    """Return person id → how they can be told at `at`, by the channels that their place has enabled.

    A device that was revoked or signed out gets nothing: whoever holds it then may be someone else. Neither does an
    address that was never verified, or whose owner asked the service to be left alone.
    """
    people = session.execute(
        select(Person.id, Person.jurisdiction_id, Person.phone).where(Person.id.in_(set(person_ids)))
    ).all()
    wishes = {row.person_id: _wish(row) for row in _wishes(session, person_ids)}
    found: dict[str, Reachable] = {}
    for person_id, place, phone in people:
        entry = Reachable(person_id, place, {}, wishes.get(person_id, NO_WISH))
        if SMS in ways_of(session, place).channels and phone:
            entry.points[SMS] = []
        found[person_id] = entry
    for point in session.scalars(_usable(person_ids, at)):
        entry = found[point.person_id or ""]
        if point.channel in ways_of(session, entry.jurisdiction_id).channels:
            entry.points.setdefault(point.channel, []).append(point)
    return found


def _wishes(session: Session, person_ids: Iterable[str]) -> list[ChannelPreference]:
    return list(session.scalars(select(ChannelPreference).where(ChannelPreference.person_id.in_(set(person_ids)))))


def _usable(person_ids: Iterable[str], at: datetime) -> Any:
    signed_in = exists().where(
        LoginSession.device_id == ContactPoint.device_id, LoginSession.ended_at.is_(None), LoginSession.expires_at > at
    )
    kept = exists().where(Device.id == ContactPoint.device_id, Device.revoked_at.is_(None))
    return (
        select(ContactPoint)
        .where(ContactPoint.person_id.in_(set(person_ids)))
        .where(ContactPoint.verified_at.is_not(None), ContactPoint.refused_at.is_(None))
        .where(or_(ContactPoint.device_id.is_(None), and_(signed_in, kept)))
        .order_by(ContactPoint.created_at, ContactPoint.id)
    )


def robots_of(session: Session, jurisdiction_id: str, unit_ids: Collection[str | None]) -> list[ContactPoint]:
    """Return the group robots of units, of enabled channels."""
    enabled = ways_of(session, jurisdiction_id).channels.intersection(GROUPS)
    wanted = {unit_id for unit_id in unit_ids if unit_id}
    if not enabled or not wanted:
        return []
    query = select(ContactPoint).where(ContactPoint.unit_id.in_(wanted), ContactPoint.channel.in_(enabled))
    query = query.where(ContactPoint.verified_at.is_not(None), ContactPoint.refused_at.is_(None))
    return list(session.scalars(query.order_by(ContactPoint.created_at, ContactPoint.id)))


def point_at(session: Session, channel: str, address: str) -> ContactPoint | None:
    """Return the contact point of an address, locked."""
    query = select(ContactPoint).where(
        ContactPoint.channel == channel, ContactPoint.address_hash == address_hash(address)
    )
    return session.scalar(query.with_for_update())


def owner_of(session: Session, channel: str, address: str) -> str | None:
    """Return the person to whom a verified address belongs."""
    return session.scalar(
        select(ContactPoint.person_id).where(
            ContactPoint.channel == channel,
            ContactPoint.address_hash == address_hash(address),
            ContactPoint.verified_at.is_not(None),
        )
    )


def point_on(session: Session, device_id: str) -> ContactPoint | None:
    """Return the push subscription of a device, locked."""
    return session.scalar(select(ContactPoint).where(ContactPoint.device_id == device_id).with_for_update())


def points_of(session: Session, person_id: str, channel: str | None = None) -> list[ContactPoint]:
    """Return a person's own contact points, verified or not; of one channel when it is named."""
    query = select(ContactPoint).where(ContactPoint.person_id == person_id).order_by(ContactPoint.created_at)
    return list(session.scalars(query if channel is None else query.where(ContactPoint.channel == channel)))


def setting_of(session: Session, jurisdiction_id: str, channel: str, lock: bool = False) -> ChannelSetting | None:
    """Return how a place uses a channel, None when it was never set up."""
    return session.get(ChannelSetting, (jurisdiction_id, channel), with_for_update=lock or None)


def settings_of(session: Session, jurisdiction_id: str) -> dict[str, ChannelSetting]:
    """Return channel → setting of a place."""
    rows = session.scalars(select(ChannelSetting).where(ChannelSetting.jurisdiction_id == jurisdiction_id))
    return {row.channel: row for row in rows}


def wish_of(session: Session, person_id: str) -> Wish:
    """Return what a person prefers."""
    row = session.get(ChannelPreference, person_id)
    return _wish(row) if row else NO_WISH


def _wish(row: ChannelPreference) -> Wish:
    order = row.ordered if row.ordered is not None else [row.preferred] if row.preferred else []
    quiet = (row.quiet_from, row.quiet_until) if row.quiet_from is not None and row.quiet_until is not None else None
    return Wish(frozenset(row.muted), tuple(order), quiet)


def label_of(channel: str) -> str:
    """Return the channel's name for people."""
    return kinds.LABELS.get(channel, channel)
