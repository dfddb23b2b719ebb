"""Making, renewing and changing keys and webhooks, each journalled on the jurisdiction, never with its secret."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app.channels.endpoints import judge_endpoint
from app.clock import Moment
from app.intake.commands import allow, hook_of, key_of
from app.intake.models import IntakeKey, Webhook
from app.people.permissions import Actor
from app.people.subjects import note
from app.problems import Problem, Refused
from app.vault import Vault, new_secret

GRACE: Final = timedelta(hours=24)
"""How long a platform's former secret goes on working after a new one was made."""
_WHY: Final = {
    "length": "过长或含有无效字符",
    "url": "格式有误",
    "scheme": "不是 https",
    "private": "是内部网络的地址",
}


def new_key(session: Session, vault: Vault, actor: Actor, args: dict[str, Any], at: Moment) -> str:
    """Make a key and return its secret."""
    allow(actor, "intake.key")
    if session.get(IntakeKey, args["key_id"]) is not None:
        raise Problem("id_taken")
    secret = new_secret()
    session.add(
        IntakeKey(
            id=args["key_id"], jurisdiction_id=actor.jurisdiction_id, label=args["label"], secret=vault.seal(secret),
            created_by=actor.person_id, created_at=at.received,
        )
    )  # fmt: skip
    note(session, actor, "intake.key_created", {"key_id": args["key_id"], "label": args["label"]}, at)
    return secret


def rotate_key(session: Session, vault: Vault, actor: Actor, key_id: str, at: Moment) -> str:
    """Give a key a new secret and return it. Raises `Problem` `platform_key_revoked`."""
    allow(actor, "intake.key")
    key = key_of(session, actor, key_id)
    if key.revoked_at is not None:
        raise Problem("platform_key_revoked", label=key.label)
    secret = new_secret()
    key.former_secret, key.former_until = key.secret, at.received + GRACE
    key.secret, key.rotated_at = vault.seal(secret), at.received
    note(session, actor, "intake.key_rotated", {"key_id": key.id, "label": key.label}, at)
    return secret


def new_webhook(session: Session, vault: Vault, actor: Actor, args: dict[str, Any], local: bool, at: Moment) -> str:
    """Make a webhook and return the secret of its signatures. Raises `Problem` `webhook_url_refused`."""
    allow(actor, "webhook.set")
    _require_outside(args["url"], local)
    if session.get(Webhook, args["webhook_id"]) is not None:
        raise Problem("id_taken")
    secret = new_secret()
    session.add(
        Webhook(
            id=args["webhook_id"], jurisdiction_id=actor.jurisdiction_id, label=args["label"], url=args["url"],
            secret=vault.seal(secret), kinds=list(dict.fromkeys(args["kinds"])), active=True,
            created_by=actor.person_id, created_at=at.received,
        )
    )  # fmt: skip
    told = {"webhook_id": args["webhook_id"], "label": args["label"], "url": args["url"], "kinds": args["kinds"]}
    note(session, actor, "webhook.created", told, at)
    return secret


def change_webhook(
    session: Session, actor: Actor, webhook_id: str, args: dict[str, Any], local: bool, at: Moment
) -> None:
    """Change what `args` names. Raises `Problem` `webhook_url_refused`."""
    allow(actor, "webhook.set")
    hook = hook_of(session, actor, webhook_id)
    if "url" in args:
        _require_outside(args["url"], local)
    for name, value in args.items():
        setattr(hook, name, value)
    note(session, actor, "webhook.changed", {"webhook_id": hook.id, **args}, at)


def rotate_webhook(session: Session, vault: Vault, actor: Actor, webhook_id: str, at: Moment) -> str:
    """Give a webhook a new secret and return it."""
    allow(actor, "webhook.set")
    hook = hook_of(session, actor, webhook_id)
    secret = new_secret()
    hook.secret = vault.seal(secret)
    note(session, actor, "webhook.rotated", {"webhook_id": hook.id, "label": hook.label}, at)
    return secret


def _require_outside(url: str, local: bool) -> None:
    verdict = judge_endpoint(url, local)
    if isinstance(verdict, Refused):
        raise Problem("webhook_url_refused", why=_WHY.get(verdict.facts["reason"], "格式有误"))
