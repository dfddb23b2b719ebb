"""A town whose channels lead to fakes on local sockets: real HTTP, real signatures, real tokens."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from channels.live import Live
from reminders.conftest import START, Town, service, town
from sending import send_each
from sqlalchemy import select

from app.channels.administration import Desk, add_robot, configure
from app.channels.channel import Outcome
from app.channels.endpoints import encode
from app.channels.exits import Exits
from app.channels.jobs import opener
from app.clock import Moment
from app.demo.fakes.others import FakeMail, FakeRobots, FakeSms
from app.demo.fakes.tencent import FakeWeChat, FakeWeCom
from app.ids import new_id
from app.people.models import Person, Unit
from app.people.permissions import ADMIN
from app.people.queries import actor_of
from app.reach.models import ContactPoint
from app.reach.queries import address_hash
from app.reminders.models import Delivery, Notice
from app.setup import add_member
from config import Config

__all__ = ["service", "town"]
AES_KEY = base64.b64encode(os.urandom(32)).decode().rstrip("=")


@dataclass
class Office:
    """The town with its administrator and every service there is."""

    town: Town
    config: Config
    wechat: FakeWeChat
    wecom: FakeWeCom
    robots: FakeRobots
    sms: FakeSms
    mail: FakeMail

    @property
    def exits(self) -> Exits:
        return Exits(self.config, self.town.database)

    def set_up(self, channel: str, enabled: bool = True, /, secrets: dict[str, str] | None = None, **over: str) -> None:
        """Configure a channel as the administrator does."""
        options, known = self.settings(channel)
        args = {"enabled": enabled, "options": options | over, "secrets": known if secrets is None else secrets}
        with self.town.database.unit_of_work() as session:
            configure(session, self.desk(session), channel, args, Moment.of_server(START))

    def desk(self, session: Any) -> Desk:
        actor = actor_of(session, self.town.people["admin"], None, START)
        assert actor is not None
        return Desk(actor, self.exits.vault, self.exits.outside)

    def settings(self, channel: str) -> tuple[dict[str, str], dict[str, str]]:
        """Options and secrets that fit the fakes."""
        found: dict[str, tuple[dict[str, str], dict[str, str]]] = {
            "wechat": (
                {"app_id": "wx1", "template_id": "TEMPLATE-1", "plain_id": "TEMPLATE-2",
                 "host": self.wechat.url, "auth_host": self.wechat.url},
                {"app_secret": "wechat-app-secret", "token": "callback-token", "aes_key": AES_KEY},
            ),
            "wecom": (
                {"corp_id": "ww1", "agent_id": "1000002", "host": self.wecom.url, "auth_host": self.wecom.url},
                {"secret": "s2"},
            ),
            "sms": ({"url": f"{self.sms.url}/send", "sign_name": "达拉特旗12345"}, {"secret": "s3"}),
            "mail": (
                {"host": "127.0.0.1", "port": str(self.mail.port), "security": "none", "user": "robot",
                 "sender": "robot@example.org"},
                {"password": "s4"},
            ),
        }  # fmt: skip
        return found.get(channel, ({}, {}))

    def bind(self, who: str, channel: str, address: str, at: datetime = START) -> str:
        """Give a person a verified contact point."""
        point_id = new_id()
        with self.town.database.unit_of_work() as session:
            session.add(
                ContactPoint(
                    id=point_id, channel=channel, person_id=self.town.people[who], label="", address=address,
                    address_hash=address_hash(address), keys={}, created_at=at, verified_at=at,
                )
            )  # fmt: skip
        return point_id

    def robot(self, channel: str, unit: str = "城建局", secret: str = "") -> str:
        """Put a robot into a unit's group."""
        args = {
            "channel": channel, "unit_id": self.town.units[unit], "label": "工作群",
            "address": self.robots.address(channel), "secret": secret,
        }  # fmt: skip
        with self.town.database.unit_of_work() as session:
            return add_robot(session, self.desk(session), args, Moment.of_server(START))

    def send_all(self, at: datetime = START) -> list[Outcome | None]:
        """Send what is due until nothing is: a failure may make another delivery due at once."""
        exits = self.exits
        return send_each(self.town.database, opener(exits), at, "https://app.example.org", exits.vault)

    def deliveries(self, who: str = "a") -> list[Delivery]:
        """What was sent to one person."""
        mine = select(Notice.id).where(Notice.person_id == self.town.people[who])
        with self.town.database.read() as session:
            return list(session.scalars(select(Delivery).where(Delivery.notice_id.in_(mine)).order_by(Delivery.id)))

    def states(self) -> dict[str, str]:
        """Channel → state of its (last) delivery."""
        return {row.channel: row.state for row in self.deliveries()}

    def points(self, channel: str) -> list[ContactPoint]:
        with self.town.database.read() as session:
            return list(session.scalars(select(ContactPoint).where(ContactPoint.channel == channel)))


@pytest.fixture
def office(town: Town, config: Config) -> Iterator[Office]:
    """The town's office, all services running, no channel set up yet."""
    with town.database.unit_of_work() as session:
        person = Person(id=new_id(), jurisdiction_id="dalad", name="管理员", phone="13800000009", password_hash="-")
        session.add(person)
        session.flush()
        town.people["admin"] = person.id
        add_member(session, person, session.get_one(Unit, town.units["工作站"]), ADMIN)
    vapid = encode((7).to_bytes(32, "big"))
    keyed = replace(config, demo=True, vapid_private_key=vapid, vapid_subject="mailto:station@example.org")
    with (
        FakeWeChat("wx1", "wechat-app-secret", "callback-token", AES_KEY) as wechat,
        FakeWeCom("ww1", "s2", "1000002") as wecom,
        FakeRobots() as robots,
        FakeSms("s3") as sms,
        FakeMail("robot", "s4") as mail,
    ):
        yield Office(town, keyed, wechat, wecom, robots, sms, mail)


@pytest.fixture
def live(office: Office) -> Iterator[Live]:
    """The product on a socket, with links that lead to it."""
    with Live(office.config, office.town.database) as running:
        yield running
