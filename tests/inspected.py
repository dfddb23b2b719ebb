"""Cases of spot checks in every stage, for the examples of their commands."""

from __future__ import annotations

from typing import Any

from inspecting import FAKED, PLAN, Bureau
from scenario import World

from app.ids import new_id

STAGES = ("drawn", "taken", "judged", "told", "rectified", "appealed")


def plan() -> dict[str, Any]:
    """Arguments of a plan."""
    return {"plan_id": new_id(), **PLAN}


def verdict() -> dict[str, Any]:
    """A verdict with all it needs."""
    return {"look_id": new_id(), **FAKED}


def at(world: World, stage: str) -> tuple[str | None, str]:
    """Return (ticket id for the envelope, case id) of a case in a stage; what no unit knows of names no ticket."""
    bureau = Bureau(world)
    bureau.plan(hold_minutes=30)
    bureau.draw()
    ticket_id = world.closed()
    bureau.draw()
    case_id = bureau.case_of(ticket_id)
    reached = STAGES.index(stage)
    if stage == "taken":
        bureau.first.do("inspection.claim", None, case_id=case_id)
    if reached >= STAGES.index("judged"):
        bureau.judge("supervisor", case_id, **FAKED)
    if reached < STAGES.index("told"):
        return None, case_id
    bureau.first.do("inspection.announce", None, case_id=case_id)
    if stage == "rectified":
        world.liaison.do("inspection.rectify", ticket_id, case_id=case_id, text="已重新到现场办理并补拍照片。")
    if stage == "appealed":
        world.liaison.do("inspection.appeal", ticket_id, case_id=case_id, reason="照片是同一地点两次办理，请复核。")
    return ticket_id, case_id
