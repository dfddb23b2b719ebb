"""Setting the demonstration's channels up against the stage, through the door that administrators use."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.administration import Desk, add_robot, configure
from app.channels.bindings import bind
from app.channels.exits import Exits
from app.clock import Moment
from app.db import Database
from app.demo.people import TOWNS, DemoPerson, DemoTown
from app.demo.stage.services import Stage
from app.demo.stage.settings import AGENT, APP_ID, CORP_ID, FORM, MAILBOX, PLAIN, SENDER, Settings
from app.people.models import Person, Unit
from app.people.permissions import ADMIN, LEADING
from app.people.queries import actor_of
from app.reach.kinds import DINGTALK, FEISHU, MAIL, SMS, WECHAT, WECOM, WECOMBOT
from app.reach.models import ContactPoint
from app.reach.queries import setting_of
from config import Config

_log = logging.getLogger(__name__)
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_GROUPS: Final = (
    (DINGTALK, "river", "清河街道工作群"),
    (FEISHU, "heat", "供热中心值班群"),
    (WECOMBOT, "station", "工作站群"),
)
"""Robots of the first town: channel, unit, the group's name."""


def set_up(database: Database, config: Config, stage: Stage, settings: Settings, app: str, at: datetime) -> None:
    """Lead every town's channels to the stage, bind its people, and tell the fakes who follows them.

    What a visitor has set up to lead elsewhere is left alone, and so is whatever fits already: a second start writes
    nothing. `app` is where the product answers.
    """
    exits = Exits(config, database)
    for town in TOWNS:
        try:
            _set_up_town(database, exits, stage, settings, town, app, at)
        except Exception:
            # A visitor may have disabled the administrator: the other towns' phones must ring all the same.
            _log.exception("channels of %s are not led to the stage", town.profile)
    _follow(database, stage)


def _set_up_town(
    database: Database, exits: Exits, stage: Stage, settings: Settings, town: DemoTown, app: str, at: datetime
) -> None:
    with database.read() as session:
        people = _people(session, town)
    if not people:
        return
    admin = next(people[p.key] for p in town.people if any(role == ADMIN for _, role, _ in p.roles))
    for channel, (options, secrets) in _channels(stage, settings, app).items():
        with database.unit_of_work() as session:
            if _is_to_be_set(session, town.profile, channel, options):
                args = {"enabled": True, "options": options, "secrets": secrets}
                configure(session, _desk(session, exits, admin, at), channel, args, Moment.of_server(at))
    if town is TOWNS[0]:
        _robots(database, exits, stage, settings, town, admin, at)
    _bind(database, town, people, at)


def openid_of(phone: str) -> str:
    """Return the openid of a person of the demonstration."""
    return f"o-demo-{phone}"


def userid_of(phone: str) -> str:
    """Return the WeCom account of a person of the demonstration."""
    return f"demo-{phone}"


def _people(session: Session, town: DemoTown) -> dict[str, str]:
    query = select(Person.phone, Person.id).where(Person.jurisdiction_id == town.profile)
    known = dict(session.execute(query).tuples().all())
    found = {person.key: known[person.phone] for person in town.people if person.phone in known}
    return found if len(found) == len(town.people) else {}


def _desk(session: Session, exits: Exits, person_id: str, at: datetime) -> Desk:
    actor = actor_of(session, person_id, None, at)
    assert actor is not None, person_id
    return Desk(actor, exits.vault, exits.outside)


def _channels(stage: Stage, settings: Settings, app: str) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Return channel → options and secrets that fit the stage."""
    s = settings.secrets
    return {
        WECHAT: (
            {"app_id": APP_ID, "template_id": "TEMPLATE-1", "template_form": FORM, "plain_id": "TEMPLATE-2",
             "plain_form": PLAIN, "host": stage.wechat.url,
             "auth_host": f"{app}/demo/wechat"},
            {"app_secret": s["app_secret"], "token": s["token"], "aes_key": s["aes_key"]},
        ),
        WECOM: (
            {"corp_id": CORP_ID, "agent_id": AGENT, "host": stage.wecom.url, "auth_host": f"{app}/demo/wecom"},
            {"secret": s["wecom"]},
        ),
        SMS: ({"url": f"{stage.sms.url}/send", "sign_name": "上门办演示"}, {"secret": s["sms"]}),
        MAIL: (
            {"host": "127.0.0.1", "port": str(stage.mail.port), "security": "none", "user": MAILBOX, "sender": SENDER},
            {"password": s["mail"]},
        ),
        DINGTALK: ({}, {}), FEISHU: ({}, {}), WECOMBOT: ({}, {}),
    }  # fmt: skip


def _is_to_be_set(session: Session, place: str, channel: str, options: dict[str, str]) -> bool:
    row = setting_of(session, place, channel, lock=True)
    if row is None:
        return True
    leads_to = str(row.options.get("url") or row.options.get("host") or "")
    host = urlsplit(leads_to).hostname or leads_to
    moved: Any = {name: row.options.get(name) for name in options} != options
    return host in _LOOPBACK and bool(moved)


def _robots(
    database: Database, exits: Exits, stage: Stage, settings: Settings, town: DemoTown, admin: str, at: datetime
) -> None:
    """Put the robots into their groups; those of an earlier start, at ports that are gone, are exchanged."""
    names = {unit["key"]: unit["name"] for unit in town.units}
    for channel, key, label in _GROUPS:
        address = stage.robots.address(channel)
        with database.unit_of_work() as session:
            unit_id = session.scalars(
                select(Unit.id).where(Unit.jurisdiction_id == town.profile, Unit.name == names[key])
            ).one()
            query = select(ContactPoint).where(ContactPoint.channel == channel, ContactPoint.unit_id == unit_id)
            theirs = list(session.scalars(query))
            if any(exits.vault.open(point.address) == address for point in theirs):
                continue
            for point in theirs:
                if urlsplit(exits.vault.open(point.address)).hostname in _LOOPBACK:
                    session.delete(point)
            session.flush()
            args = {"channel": channel, "unit_id": unit_id, "label": label, "address": address}
            args["secret"] = settings.secrets["robot"] if channel != WECOMBOT else ""
            add_robot(session, _desk(session, exits, admin, at), args, Moment.of_server(at))


def account_of(person: DemoPerson) -> tuple[str, str] | None:
    """Return (channel, address) by which somebody is bound from the start; None for who is to try it.

    Leaders have WeCom, everybody else WeChat, and the administrator nothing yet.
    """
    roles = {role for _, role, _ in person.roles}
    if ADMIN in roles:
        return None
    return (WECOM, userid_of(person.phone)) if roles & set(LEADING) else (WECHAT, openid_of(person.phone))


def _bind(database: Database, town: DemoTown, people: dict[str, str], at: datetime) -> None:
    """Bind who never was; who unbound or took another account in the demonstration stays as they chose."""
    with database.read() as session:
        query = select(ContactPoint.id).join(Person, Person.id == ContactPoint.person_id)
        personal = ContactPoint.channel.in_((WECHAT, WECOM))
        if session.scalar(query.where(Person.jurisdiction_id == town.profile, personal).limit(1)) is not None:
            return
    with database.unit_of_work() as session:
        for person in town.people:
            account = account_of(person)
            if account is not None:
                bind(session, people[person.key], *account, at)


def bound_accounts(session: Session) -> dict[str, str]:
    """Return address → channel of every WeChat and WeCom account that somebody is bound to."""
    bound = select(ContactPoint.address, ContactPoint.channel).where(ContactPoint.channel.in_((WECHAT, WECOM)))
    return dict(session.execute(bound).tuples().all())


def _follow(database: Database, stage: Stage) -> None:
    """Let everybody of the demonstration, and whoever bound another account, follow the fakes."""
    for town in TOWNS:
        for person in town.people:
            stage.wechat.follower(openid_of(person.phone))
            stage.wecom.members.setdefault(userid_of(person.phone), [])
    with database.read() as session:
        for address, channel in bound_accounts(session).items():
            if channel == WECOM:
                stage.wecom.members.setdefault(address, [])
            elif address not in stage.wechat.followers:
                stage.wechat.follower(address)
