"""Setting up a place's channels and its groups' robots, each change journalled, never with a secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.channels import forms
from app.channels.catalogue import FIELDS, missing, secrets_of
from app.channels.models import ChannelToken
from app.channels.outside import Outside
from app.clock import Moment
from app.ids import new_id
from app.people import permissions
from app.people.permissions import Actor
from app.people.subjects import note, unit_of
from app.problems import ALLOWED, Problem, Refused, require
from app.reach.kinds import CONFIGURED, GROUPS, LABELS
from app.reach.models import ChannelSetting, ContactPoint
from app.reach.queries import address_hash, point_at, setting_of
from app.reminders.deliveries import forget
from app.vault import Vault

CONFIGURE: Final = "channel.configure"
LABEL: Final = "设置通知渠道"


@dataclass(frozen=True)
class Desk:
    """What an administrator's change needs: who, with what vault, and how far addresses may lead."""

    actor: Actor
    vault: Vault
    outside: Outside


def allow(actor: Actor) -> None:
    """Raise `Problem` `not_permitted` for anybody who is not an administrator here."""
    require(permissions.judge(actor, CONFIGURE, actor.jurisdiction_id, None, LABEL))


def configure(session: Session, desk: Desk, channel: str, args: Mapping[str, Any], at: Moment) -> None:
    """Set a channel up: `options` replace the former, of `secrets` only those that are given; `enabled` on or off.

    Raises `Problem` `channel_unknown`, `channel_field_wrong`, `channel_url_refused`, `channel_form_wrong`, and
    `channel_incomplete` when it is to be used and a needed field is empty.
    """
    allow(desk.actor)
    if channel not in CONFIGURED:
        raise Problem("channel_unknown", channel=channel[:32])
    options = {name: value.strip() for name, value in args["options"].items() if value and value.strip()}
    _require_fields(channel, options, args["secrets"], desk.outside)
    row = setting_of(session, desk.actor.jurisdiction_id, channel, lock=True)
    former = json.loads(desk.vault.open(row.secrets)) if row is not None else {}
    secrets = {n: v for n, v in {**former, **args["secrets"]}.items() if v}
    lacking = missing(channel, options, secrets)
    if args["enabled"] and lacking:
        raise Problem("channel_incomplete", label=LABELS[channel], fields="、".join(lacking))
    changed = _changes(channel, dict(row.options) if row is not None else {}, options, args["secrets"])
    values = {
        "enabled": args["enabled"], "options": options, "secrets": desk.vault.seal(json.dumps(secrets)),
        "secret_names": sorted(secrets), "changed_by": desk.actor.person_id, "changed_at": at.received,
    }  # fmt: skip
    if row is None:
        session.add(ChannelSetting(jurisdiction_id=desk.actor.jurisdiction_id, channel=channel, **values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
    session.info.pop("ways", None)
    if changed:
        # A token of the former account would go on working for two hours, and hide that the new one does not.
        theirs = ChannelToken.jurisdiction_id == desk.actor.jurisdiction_id, ChannelToken.channel == channel
        session.execute(delete(ChannelToken).where(*theirs))
    told = {"channel": channel, "label": LABELS[channel], "enabled": args["enabled"], "changed": changed}
    note(session, desk.actor, "channel.configured", told, at)


def _require_fields(channel: str, options: Mapping[str, str], secrets: Mapping[str, str], outside: Outside) -> None:
    fields = {f.name: f for f in FIELDS[channel]}
    strange = [n for n in options if n not in fields or fields[n].secret]
    strange += [n for n in secrets if n not in secrets_of(channel)]
    if strange:
        raise Problem("channel_field_wrong", field=strange[0][:32], reason="没有这一项")
    for name, value in options.items():
        field = fields[name]
        if field.kind == "url" and outside.judge(value) is not ALLOWED:
            raise Problem("channel_url_refused", field=field.label)
        if field.kind == "number" and not (value.isascii() and value.isdigit() and len(value) < 12):
            raise Problem("channel_field_wrong", field=field.label, reason="须是数字")
        if field.kind == "choice" and value not in {key for key, _ in field.choices}:
            raise Problem("channel_field_wrong", field=field.label, reason="不在可选范围内")
        if field.kind == "form":
            require(forms.judge(value))
    if len(secrets.get("aes_key") or "x" * 43) != 43:
        raise Problem("channel_field_wrong", field=fields["aes_key"].label, reason="须是 43 位")


def _changes(
    channel: str, former: Mapping[str, str], options: Mapping[str, str], secrets: Mapping[str, str]
) -> list[str]:
    """Return the labels of what is other than before; of a secret only that it is."""
    return [
        field.label
        for field in FIELDS[channel]
        if (field.secret and secrets.get(field.name) is not None)
        or (not field.secret and former.get(field.name) != options.get(field.name))
    ]


def add_robot(session: Session, desk: Desk, args: Mapping[str, Any], at: Moment) -> str:
    """Give a unit's group a robot and return its id. Raises `Problem` `robot_refused`, `contact_taken`."""
    allow(desk.actor)
    channel, address = args["channel"], args["address"].strip()
    if channel not in GROUPS:
        raise Problem("channel_unknown", channel=channel[:32])
    unit = unit_of(session, desk.actor, args["unit_id"])
    if isinstance(desk.outside.judge(address), Refused):
        raise Problem("channel_url_refused", field="机器人地址")
    if point_at(session, channel, address) is not None:
        raise Problem("contact_taken")
    seal = desk.vault.seal
    robot = ContactPoint(
        id=new_id(), channel=channel, unit_id=unit.id, label=args["label"], address=seal(address),
        address_hash=address_hash(address), keys={"secret": seal(args["secret"])} if args.get("secret") else {},
        created_at=at.received, verified_at=at.received,
    )  # fmt: skip
    session.add(robot)
    told = {"channel": channel, "label": LABELS[channel], "unit": unit.name, "name": args["label"]}
    note(session, desk.actor, "channel.robot_added", told, at)
    return robot.id


def remove_robot(session: Session, actor: Actor, contact_id: str, at: Moment) -> None:
    """Take a robot out of use. Raises `Problem` `contact_not_found`."""
    allow(actor)
    robot = session.get(ContactPoint, contact_id, with_for_update=True)
    if robot is None or robot.unit_id is None:
        raise Problem("contact_not_found")
    unit = unit_of(session, actor, robot.unit_id)
    told = {"channel": robot.channel, "label": LABELS[robot.channel], "unit": unit.name, "name": robot.label}
    forget(session, robot.id)
    note(session, actor, "channel.robot_removed", told, at)
