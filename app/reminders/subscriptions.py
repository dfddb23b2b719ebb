"""A browser's push subscription: kept, replaced, given up, tried out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.ids import new_id
from app.people.models import Device
from app.people.permissions import Actor
from app.problems import Problem
from app.reach.kinds import WEBPUSH
from app.reach.models import ContactPoint
from app.reach.queries import address_hash, point_at, point_on
from app.reminders.deliveries import forget
from app.reminders.models import Notice
from app.reminders.routing import queue

TEST: str = "test"


def subscribe(session: Session, actor: Actor, endpoint: str, p256dh: str, auth: str, at: datetime) -> None:
    """Keep the subscription of the actor's device, in place of its former one and of any former owner's.

    The endpoint and keys have been judged by the channel that will use them.
    """
    device_id = actor.device_id
    if device_id is None:
        raise Problem("device_revoked")
    for former in (point_at(session, WEBPUSH, endpoint), point_on(session, device_id)):
        if former is None:
            continue
        if (former.person_id, former.device_id, former.address) == (actor.person_id, device_id, endpoint):
            former.keys, former.verified_at, former.refused_at = {"p256dh": p256dh, "auth": auth}, at, None
            return
        forget(session, former.id)
    session.add(
        ContactPoint(
            id=new_id(),
            channel=WEBPUSH,
            person_id=actor.person_id,
            device_id=device_id,
            label=session.get_one(Device, device_id).name[:64],
            address=endpoint,
            address_hash=address_hash(endpoint),
            keys={"p256dh": p256dh, "auth": auth},
            created_at=at,
            verified_at=at,  # the browser itself gave it
        )
    )


def unsubscribe(session: Session, actor: Actor, endpoint: str) -> None:
    """Forget a subscription of the actor's; an unknown one, or another's, changes nothing."""
    found = point_at(session, WEBPUSH, endpoint)
    if found is not None and found.person_id == actor.person_id:
        forget(session, found.id)


def send_test(session: Session, actor: Actor, at: datetime) -> list[str]:
    """Put a trial notice into the actor's inbox and return the deliveries to their present device.

    Raises `Problem` `push_not_subscribed` when this device has no subscription: there would be nothing to try.
    """
    notice = Notice(
        id=new_id(),
        person_id=actor.person_id,
        kind=TEST,
        title="测试提醒：本机可以收到上门办的提醒",
        body="这是一条测试，不需要处理。",
        at=at,
        version=1,
    )
    session.add(notice)
    session.flush()
    rows = queue(session, [notice], at, actor.device_id)
    if not rows:
        raise Problem("push_not_subscribed")
    return [row.id for row in rows]
