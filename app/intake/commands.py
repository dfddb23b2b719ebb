"""Commands on imports, keys and webhooks; what shows a secret once stands in the routes (docs/adr/0007)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.clock import Moment
from app.intake import columns, files, lifecycle, outcomes, register, schemas
from app.intake.columns import BY_KEY
from app.intake.models import IntakeFile, IntakeKey, IntakeMapping, IntakeRow, Webhook, WebhookDelivery
from app.intake.reading import header_texts
from app.people import permissions
from app.people.permissions import Actor
from app.people.subjects import note
from app.problems import Problem, require

LABELS = {
    "intake.upload": "上传工单表格",
    "intake.map": "指定列的含义",
    "intake.confirm": "确认导入",
    "intake.discard": "放弃导入",
    "intake.key": "管理接口密钥",
    "intake.key_revoke": "停用接口密钥",
    "webhook.set": "管理接收地址",
    "webhook.test": "测试接收地址",
    "webhook.retry": "重新发送",
}


def allow(actor: Actor, command: str) -> None:
    """Raise `Problem` `not_permitted` unless the actor's role may do this in the jurisdiction."""
    require(permissions.judge(actor, command, actor.jurisdiction_id, None, LABELS[command]))


def file_of(session: Session, actor: Actor, file_id: str, lock: bool = False) -> IntakeFile:
    """Return an import of the actor's jurisdiction. Raises `Problem` `intake_file_not_found`."""
    file = session.get(IntakeFile, file_id, with_for_update=lock)
    if file is None or file.jurisdiction_id != actor.jurisdiction_id:
        raise Problem("intake_file_not_found")
    return file


def _opened(session: Session, actor: Actor, command: str, file_id: str, states: tuple[str, ...]) -> IntakeFile:
    allow(actor, command)
    file = file_of(session, actor, file_id, lock=True)
    if file.state not in states:
        raise Problem("intake_state_wrong", state=lifecycle.FILE_LABELS[file.state], command=LABELS[command])
    return file


def map_columns(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Say which line is the header and what the columns mean; the rows are judged anew."""
    file = _opened(session, actor, "intake.map", args["file_id"], lifecycle.MAPPABLE)
    header = session.get(IntakeRow, (file.id, args["header_row"]))
    if header is None:
        raise Problem("intake_mapping_invalid", reason=f"第 {args['header_row']} 行是空的，不能作为表头")
    _require_fit(session, file, args)
    file.header_row, file.header = header.line, header_texts(header.cells)
    file.columns, file.defaults, file.meanings = args["columns"], args["defaults"], args["meanings"]
    file.remembered, file.state, file.message = False, lifecycle.JUDGING, None
    note(session, actor, "intake.mapped", {"file_id": file.id, "header_row": header.line}, at)


def _require_fit(session: Session, file: IntakeFile, args: dict[str, Any]) -> None:
    indices = list(args["columns"].values())
    if len(set(indices)) < len(indices):
        raise Problem("intake_mapping_invalid", reason="同一列不能对应两项内容")
    missing = files.unmet(args["columns"], args["defaults"])
    if missing:
        raise Problem("intake_mapping_invalid", reason=f"{'、'.join(missing)}须有对应的列或统一的值")
    known = files.vocabulary(session, file.jurisdiction_id)
    meant = [(name, key) for name, said in args["meanings"].items() for key in said.values()]
    for name, key in [*args["defaults"].items(), *meant]:
        if known.key_of(name, key) != key:
            raise Problem("intake_mapping_invalid", reason=f"{BY_KEY[name].label} {key} 不在本地规定之中")


def confirm(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Have the rows that are ready registered, and remember what this platform's columns mean."""
    file = _opened(session, actor, "intake.confirm", args["file_id"], lifecycle.CONFIRMABLE)
    found = register.counts(session, file.id)
    if not found[lifecycle.READY] and file.state == lifecycle.PREVIEW:
        raise Problem("intake_nothing_ready", known=found[lifecycle.KNOWN], refused=found[lifecycle.REFUSED])
    file.state, file.message = lifecycle.REGISTERING, None
    file.confirmed_by, file.confirmed_at = actor.person_id, at.received
    signature = columns.signature(file.header)
    session.merge(
        IntakeMapping(
            jurisdiction_id=file.jurisdiction_id, signature=signature, header=file.header, columns=file.columns,
            defaults=file.defaults, meanings=file.meanings, saved_by=actor.person_id, saved_at=at.received,
        )
    )  # fmt: skip
    payload = {"file_id": file.id, "sha256": file.sha256, "rows": found[lifecycle.READY], "signature": signature}
    note(session, actor, "intake.confirmed", payload, at)


def discard(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Give an import up; tickets that were registered from it stay."""
    file = _opened(session, actor, "intake.discard", args["file_id"], lifecycle.DISCARDABLE)
    files.end(session, file.id, lifecycle.DISCARDED, None, at.received)
    note(session, actor, "intake.discarded", {"file_id": file.id}, at)


def revoke_key(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Refuse whatever is signed with this key from now on."""
    allow(actor, "intake.key_revoke")
    key = key_of(session, actor, args["key_id"])
    if key.revoked_at is None:
        key.revoked_at, key.former_secret, key.former_until = at.received, None, None
        note(session, actor, "intake.key_revoked", {"key_id": key.id, "label": key.label}, at)


def key_of(session: Session, actor: Actor, key_id: str) -> IntakeKey:
    """Return a key of the actor's jurisdiction, locked. Raises `Problem` `intake_key_not_found`."""
    key = session.get(IntakeKey, key_id, with_for_update=True)
    if key is None or key.jurisdiction_id != actor.jurisdiction_id:
        raise Problem("intake_key_not_found")
    return key


def hook_of(session: Session, actor: Actor, webhook_id: str, lock: bool = True) -> Webhook:
    """Return a webhook of the actor's jurisdiction. Raises `Problem` `webhook_not_found`."""
    hook = session.get(Webhook, webhook_id, with_for_update=lock)
    if hook is None or hook.jurisdiction_id != actor.jurisdiction_id:
        raise Problem("webhook_not_found")
    return hook


def send_test(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Send a test message; how it went stands in the delivery log."""
    allow(actor, "webhook.test")
    hook = hook_of(session, actor, args["webhook_id"])
    if not hook.active:
        raise Problem("webhook_inactive", label=hook.label)
    if session.get(WebhookDelivery, args["delivery_id"]) is not None:
        raise Problem("id_taken")
    outcomes.plan_test(session, hook, args["delivery_id"], at.received)
    payload = {"webhook_id": hook.id, "label": hook.label, "delivery_id": args["delivery_id"]}
    note(session, actor, "webhook.tested", payload, at)


def retry_delivery(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Send a message again from the beginning: one that was given up, or one that waits for its next attempt."""
    allow(actor, "webhook.retry")
    row = session.get(WebhookDelivery, args["delivery_id"], with_for_update=True)
    if row is None:
        raise Problem("webhook_delivery_not_found")
    hook = hook_of(session, actor, row.webhook_id)
    if not hook.active:
        raise Problem("webhook_inactive", label=hook.label)
    if row.state == lifecycle.DELIVERED:
        return
    row.state, row.attempts, row.next_at, row.ended_at = lifecycle.PENDING, 0, at.received, None
    note(session, actor, "webhook.retried", {"webhook_id": hook.id, "delivery_id": row.id}, at)


COMMANDS = {
    "intake.map": (schemas.MapColumns, map_columns),
    "intake.confirm": (schemas.OneFile, confirm),
    "intake.discard": (schemas.OneFile, discard),
    "intake.key_revoke": (schemas.OneKey, revoke_key),
    "webhook.test": (schemas.OneWebhook, send_test),
    "webhook.retry": (schemas.OneDelivery, retry_delivery),
}
