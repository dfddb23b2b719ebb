"""Tickets on which something was asked for, promised or rests: each returns what a command may need to name."""

from __future__ import annotations

from typing import Any

from scenario import World, later, photo

from app.ids import new_id

WHY_EVALUATE = "诉求人对答复不满意，承办单位认为办理合规，提请评议。"


def panel() -> list[dict[str, str]]:
    """Three outsiders."""
    named = (("李代表", "人大代表"), ("王律师", "专业律师"), ("赵老师", "教师"))
    return [{"evaluator_id": new_id(), "name": name, "capacity": capacity} for name, capacity in named]


def evaluation(**other: Any) -> dict[str, Any]:
    """Arguments of request.ask for an outside panel, every one of them written."""
    args: dict[str, Any] = {
        "request_id": new_id(), "kind": "evaluation", "reason": WHY_EVALUATE, "grounds": [], "fields": {},
        "evidence_ids": [], "variant": None, "proposed_unit": None, "new_due_at": None, "until": later(240),
        "panel": panel(),
    }  # fmt: skip
    return args | other


def called(world: World) -> tuple[str, str, str]:
    """A closed ticket with a panel that has not voted: ticket, request and first evaluator."""
    ticket_id, args = world.closed(), evaluation()
    world.station.do("request.ask", ticket_id, **args)
    return ticket_id, args["request_id"], args["panel"][0]["evaluator_id"]


def ordered(world: World) -> tuple[str, str]:
    """A ticket whose unit has to explain itself to the supervisor: ticket and request."""
    ticket_id, request_id = world.handling(), new_id()
    args = {
        "request_id": request_id, "kind": "verification", "grounds": ["redone"], "until": later(48),
        "reason": "同一诉求多次发回重办，请说明历次办理情况。",
    }  # fmt: skip
    world.phone("supervisor").do("request.ask", ticket_id, **args)
    return ticket_id, request_id


def resting(world: World) -> str:
    """A suspended ticket."""
    ticket_id, request_id = world.handling(), new_id()
    world.liaison.contact(ticket_id, purpose="told")
    args = {
        "request_id": request_id, "kind": "suspension", "grounds": ["contract"], "until": later(24 * 100),
        "reason": "涉事合同须由第三方机构检测鉴定，检测周期约四个月，现已委托。",
        "fields": {"measures": "次年三月出具报告后继续办理", "explained": "已当面说明，反映人理解"},
    }  # fmt: skip
    world.liaison.do("request.ask", ticket_id, **args)
    yes = {"request_id": request_id, "decision": "approve", "note": "同意"}
    for who in ("chief", "station"):
        world.phone(who).do("request.decide", ticket_id, **yes)
    world.station.do("request.record_answer", ticket_id, **yes)
    return ticket_id


def promised(world: World) -> tuple[str, str]:
    """A ticket on which a date was promised: ticket and commitment."""
    ticket_id, commitment_id = world.handling(), new_id()
    world.liaison.contact(ticket_id, purpose="told")
    args = {"commitment_id": commitment_id, "text": "三十日内完成主管网更换并恢复供水", "due_at": later(24 * 20)}
    world.liaison.do("commitment.make", ticket_id, **args)
    world.liaison.declare(ticket_id, photo(33), "after")
    return ticket_id, commitment_id
