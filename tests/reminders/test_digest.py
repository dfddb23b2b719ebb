"""A pile of messages without urgency is one message; what is urgent stands for itself."""

from __future__ import annotations

import pytest
from reminders.conftest import START, Town
from reminders.push_service import PushService
from reminders.test_push import deliveries, send_all

from app.ids import new_id
from app.reach.kinds import NEWS, NORMAL, URGENT
from app.reminders.models import DELIVERED, MERGED, Notice
from app.reminders.routing import queue
from app.reminders.taking import DIGEST_FROM


def pile(town: Town, count: int, urgency: str) -> None:
    with town.database.unit_of_work() as session:
        lines = {"person_id": town.people["a"], "kind": "bench", "body": "城建局", "at": START, "version": 1}
        notices = [Notice(id=new_id(), title=f"第 {number} 条", **lines) for number in range(count)]
        session.add_all(notices)
        session.flush()
        queue(session, notices, START, urgency=urgency)


@pytest.mark.parametrize("urgency", [NORMAL, NEWS])
def test_a_pile_is_said_in_one_message(town: Town, service: PushService, urgency: str) -> None:
    phone = town.subscribe("a", service)
    pile(town, DIGEST_FROM, urgency)
    send_all(town)
    (shown,) = phone.shown
    assert (shown["title"], shown["kind"], shown["ticket_id"]) == (f"{DIGEST_FROM} 条提醒待查看", "digest", None)
    assert shown["body"].endswith(f"另有 {DIGEST_FROM - 1} 条，请打开“提醒”查看")
    states = sorted(row.state for row in deliveries(town))
    assert states == [DELIVERED, *[MERGED] * (DIGEST_FROM - 1)]
    assert len(town.inbox("a")) == DIGEST_FROM, "the inbox has every line"


def test_a_few_are_said_one_by_one(town: Town, service: PushService) -> None:
    phone = town.subscribe("a", service)
    pile(town, DIGEST_FROM - 1, NORMAL)
    send_all(town)
    assert len(phone.shown) == DIGEST_FROM - 1


def test_what_is_urgent_stands_for_itself(town: Town, service: PushService) -> None:
    phone = town.subscribe("a", service)
    pile(town, DIGEST_FROM + 2, URGENT)
    pile(town, DIGEST_FROM, NORMAL)
    send_all(town)
    assert [shown["kind"] for shown in phone.shown].count("bench") == DIGEST_FROM + 2
    assert [shown["kind"] for shown in phone.shown].count("digest") == 1
