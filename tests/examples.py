"""One good example of every command: who gives it, on a ticket in which stage, with which arguments."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asked
import inspected
from conformance.towns import town
from intake import scenes
from scenario import REASON, REPLY_PARTS, World, later, photo
from sqlalchemy import select

from app import clock
from app.evidence.storage import DiskStore
from app.ids import new_id
from app.oversight.findings import jobs as findings
from app.oversight.findings.models import Finding
from app.reach.models import ContactPoint
from app.reminders.models import Delivery, Notice

Args = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """A ticket and what a command may need to name of it."""

    ticket_id: str | None
    reply_id: str = ""
    content_hash: str = ""
    evidence_id: str = ""
    request_id: str = ""
    assist_id: str = ""
    escalation_id: str = ""
    callback_id: str = ""
    evaluator_id: str = ""
    commitment_id: str = ""
    finding_id: str = ""
    case_id: str = ""


@dataclass(frozen=True)
class Example:
    """`who` gives the command when the ticket stands in `stage`; `args` are made from the world and the scene.

    `profile` is the one under whose rules the command has its place.
    """

    who: str
    stage: str
    args: Callable[[World, Scene], Args]
    profile: str = "dalad"


def _year(year: int) -> Args:
    days = [{"day": f"{year}-10-01", "free": True, "name": "国庆节"}]
    return {"year": year, "source": "国务院办公厅通知", "days": days}


def _nothing(world: World) -> Scene:
    return Scene(None)


def _unknown(world: World) -> Scene:
    return Scene(new_id())


def _registered(world: World) -> Scene:
    return Scene(world.registered())


def _dispatched(world: World) -> Scene:
    return Scene(world.dispatched())


def _handling(world: World) -> Scene:
    ticket_id = world.handling()
    return Scene(ticket_id, evidence_id=world.liaison.photographed(ticket_id)[0])


def _visited(world: World) -> Scene:
    ticket_id = world.handling()
    world.liaison.visit(ticket_id)
    world.liaison.photographed(ticket_id)
    return Scene(ticket_id)


def _contacted(world: World) -> Scene:
    ticket_id = world.handling()
    world.liaison.contact(ticket_id)
    return Scene(ticket_id)


def _signing(world: World) -> Scene:
    ticket_id = world.handling()
    world.liaison.reply(ticket_id)
    return _with_reply(world, ticket_id)


def _reviewing(world: World) -> Scene:
    ticket_id, _ = world.reviewing()
    return _with_reply(world, ticket_id)


def _arrived(world: World) -> Scene:
    scene = _reviewing(world)
    for shade, evidence in zip((40, 200), world.liaison.detail(str(scene.ticket_id))["evidence"], strict=True):
        assert world.liaison.upload(evidence["id"], photo(shade)).status_code == 204
    return scene


def _with_reply(world: World, ticket_id: str) -> Scene:
    reply = world.liaison.detail(ticket_id)["replies"][-1]
    return Scene(ticket_id, reply_id=reply["id"], content_hash=reply["content_hash"])


def _asked(world: World) -> Scene:
    ticket_id, request_id = world.dispatched(), new_id()
    world.liaison.do("request.return", ticket_id, request_id=request_id, reason=REASON)
    return Scene(ticket_id, request_id=request_id)


def _at_city(world: World) -> Scene:
    ticket_id, request_id = world.dispatched(), new_id()
    args = {"request_id": request_id, "reason": REASON, "new_due_at": later(24 * 20)}
    world.liaison.do("request.extend", ticket_id, **args)
    world.station.do("request.decide", ticket_id, request_id=request_id, decision="approve", note="同意上报")
    return Scene(ticket_id, request_id=request_id)


def _helped(world: World) -> Scene:
    ticket_id, assist_id = world.handling(), new_id()
    args = {"assist_id": assist_id, "unit_id": world.units["water"].id, "what": "请配合查明渗漏点"}
    world.liaison.do("assist.ask", ticket_id, **args)
    return Scene(ticket_id, assist_id=assist_id)


def _escalated(world: World) -> Scene:
    ticket_id, escalation_id = world.dispatched(), new_id()
    args = {"escalation_id": escalation_id, "to": "supervisor", "reason": "群众多次来电催办"}
    world.station.do("escalation.raise", ticket_id, **args)
    return Scene(ticket_id, escalation_id=escalation_id)


def _closed(world: World) -> Scene:
    return Scene(world.closed())


def _unhappy(world: World) -> Scene:
    ticket_id = world.closed()
    said = {"satisfaction": "dissatisfied", "solved": False, "reasons": ["slow"], "follow_up": "下周再上门一次"}
    return Scene(ticket_id, callback_id=world.call_back(ticket_id, **said))


def _called(world: World) -> Scene:
    ticket_id, request_id, evaluator_id = asked.called(world)
    return Scene(ticket_id, request_id=request_id, evaluator_id=evaluator_id)


def _ordered(world: World) -> Scene:
    ticket_id, request_id = asked.ordered(world)
    return Scene(ticket_id, request_id=request_id)


def _resting(world: World) -> Scene:
    return Scene(asked.resting(world))


def _promised(world: World) -> Scene:
    ticket_id, commitment_id = asked.promised(world)
    return Scene(ticket_id, commitment_id=commitment_id)


def _doubted(world: World) -> Scene:
    ticket_id = world.handling()
    world.liaison.declare(ticket_id, photo(77), "after", source="gallery")
    store = DiskStore(world.app.extensions["doorstep.config"].evidence_dir)
    findings.look(world.database, store, ticket_id, clock.now())
    with world.database.read() as session:
        finding_id = session.scalars(
            select(Finding.id).where(Finding.ticket_id == ticket_id, Finding.kind == "gallery")
        ).one()
    return Scene(ticket_id, finding_id=finding_id)


def _ignored(world: World) -> Scene:
    scene = _doubted(world)
    supervisor = world.phone("supervisor")
    supervisor.do("finding.dismiss", scene.ticket_id, finding_id=scene.finding_id, reason="已与联络员核实")
    return scene


def _inspected(stage: str) -> Callable[[World], Scene]:
    def play(world: World) -> Scene:
        ticket_id, case_id = inspected.at(world, stage)
        return Scene(ticket_id, case_id=case_id)

    return play


STAGES: dict[str, Callable[[World], Scene]] = {
    **{stage: _inspected(stage) for stage in inspected.STAGES},
    "nothing": _nothing, "unknown": _unknown, "registered": _registered, "dispatched": _dispatched,
    "handling": _handling, "visited": _visited, "contacted": _contacted, "signing": _signing, "reviewing": _reviewing,
    "arrived": _arrived, "asked": _asked, "at_city": _at_city, "helped": _helped, "escalated": _escalated,
    "closed": _closed, "unhappy": _unhappy, "called": _called, "ordered": _ordered, "resting": _resting,
    "promised": _promised, "doubted": _doubted, "ignored": _ignored,
}  # fmt: skip

_PLACE = {"lat": 40.4, "lon": 110.03, "accuracy_m": 12.5, "datum": "gcj02", "at": later()}


def _intake(world: World, scene: Scene) -> Args:
    return world.intake_args(position=_PLACE, category="城市管理/照明", received_at=later(-1), feedback_by=later(90))


def _member(world: World, scene: Scene) -> Args:
    return {"unit_id": world.units["empty"].id, "person_id": world.people["deputy"].id, "role": "liaison"}


def _consultation(world: World, scene: Scene) -> Args:
    town, water = world.units["town"].id, world.units["water"].id
    return {
        "consultation_id": new_id(), "kind": "joint_duty", "held_at": later(-1), "on_site": True,
        "participants": [town, water], "convened_by": town, "minutes": "现场查看后商定由镇里主办，水务配合。",
        "agreed": True, "lead_unit_id": town, "co_unit_ids": [water], "named_by": None,
    }  # fmt: skip


def _request(world: World, scene: Scene) -> Args:
    return {"request_id": scene.request_id}


def _ticket_of(world: World, scene: Scene) -> str:
    answer = world.phone("supervisor").call("GET", f"/api/v1/oversight/inspections/cases/{scene.case_id}")
    return str(answer.get_json()["ticket_id"])


def _case(world: World, scene: Scene) -> Args:
    return {"case_id": scene.case_id}


def _reasons(world: World, scene: Scene) -> Args:
    return {"reply_id": scene.reply_id, "reasons": ["请写明办理的时间"]}


def _more() -> Args:
    promise = {"text": "十二月底前更换整段线路", "due_on": later(24 * 30)[:10]}
    answers = [{"reason": "请写明办理的时间", "text": "已写明十一月二十日上午"}]
    said = {"basis": "依据物业管理条例第二十七条", "statement": "已三次上门说明", "answers": answers}
    return said | {"fields": {}, "finish": None, "commitment": promise}


_days, _phones = itertools.count(400), itertools.count(1)
_far = itertools.cycle(range(30, 390))
_years = itertools.cycle((*range(2040, 2101), *range(2000, 2004)))


def _free_phone() -> str:
    return f"1350000{next(_phones):04d}"


def _spare_unit(world: World) -> str:
    unit_id = new_id()
    args = {"unit_id": unit_id, "name": f"将撤单位{unit_id[-6:]}", "level": 4, "parent_id": None}
    world.phone("admin").do("unit.open", **args)
    return unit_id


def _spare_person(world: World) -> str:
    person_id = new_id()
    world.phone("admin").do("person.enrol", person_id=person_id, name="将离的人", phone=_free_phone())
    return person_id


def _spare_deputation(world: World) -> str:
    args = EXAMPLES["deputation.appoint"].args(world, Scene(None))
    world.leader.do("deputation.appoint", **args)
    return str(args["deputation_id"])


def _coming(days: int = 0) -> str:
    """A day to come that no other example has."""
    return (clock.now() + timedelta(days=next(_far) + days)).date().isoformat()


def _swap(world: World) -> Args:
    unit, colleague = world.units["town"].id, world.people["deputy"].id
    return {"swap_id": new_id(), "unit_id": unit, "colleague": colleague, "day": _coming(), "note": "外出开会"}


def _asked_swap(world: World) -> str:
    args = _swap(world)
    world.liaison.do("swap.ask", **args)
    return str(args["swap_id"])


def _leave(world: World) -> Args:
    day = _coming()
    return {
        "leave_id": new_id(),
        "person_id": world.people["liaison"].id,
        "first": day,
        "last": day,
        "reason": "年休假",
    }


def _taken_leave(world: World) -> str:
    args = _leave(world)
    world.liaison.do("leave.take", **args)
    return str(args["leave_id"])


def _contact(world: World) -> str:
    """A WeChat account that the liaison bound."""
    found = ContactPoint(
        id=new_id(), channel="wechat", person_id=world.people["liaison"].id, label="", address=new_id(),
        address_hash=new_id(), keys={}, created_at=clock.now(), verified_at=clock.now(),
    )  # fmt: skip
    with world.database.unit_of_work() as session:
        session.add(found)
    return found.id


def _dead_letter(world: World) -> str:
    """A notice that reached the liaison by no way."""
    now = clock.now()
    notice = Notice(
        id=new_id(), person_id=world.people["liaison"].id, kind="test", title="测试", body="测试", at=now, version=1
    )
    row = Delivery(
        id=new_id(), notice_id=notice.id, channel="sms", part="spare", urgency="normal", service="", state="failed",
        attempts=10, next_attempt_at=now,
    )  # fmt: skip
    with world.database.unit_of_work() as session:
        session.add(notice)
        session.flush()
        session.add(row)
    return row.id


EXAMPLES: dict[str, Example] = {
    "ticket.intake": Example("station", "unknown", _intake),
    "ticket.dispatch": Example("station", "registered", lambda w, s: {
        "unit_id": w.units["town"].id, "grounds": "属地管理", "feedback_by": later(90), "acknowledge": []}),
    "ticket.reassign": Example("station", "dispatched", lambda w, s: {
        "unit_id": w.units["water"].id, "reason": "属供水职责", "acknowledge": []}),
    "ticket.centre_sign": Example("station", "registered", lambda w, s: {
        "checked": True, "note": "已电话核对", "corrections": {
            "title": "感应灯不亮", "content": "三号楼感应灯不亮，请维修。", "kind": "help", "source": "12345",
            "category": "城市管理/照明", "priority": "urgent", "area": "平安小区", "position": _PLACE}}),
    "ticket.answer_directly": Example("station", "registered", lambda w, s: {
        "way": "not_ours", "text": "该事项不在本镇管辖范围，已退至区域运中心。", "template": "管辖说明"}, "xinqiao"),
    "consultation.record": Example("station", "registered", _consultation),
    "assist.ask": Example("liaison", "handling", lambda w, s: {
        "assist_id": new_id(), "kind": "whistle", "unit_id": w.units["water"].id, "what": "请到现场会办",
        "due_at": later(24), "acknowledge": []}),
    "assist.sign": Example("neighbour", "helped", lambda w, s: {"assist_id": s.assist_id}),
    "assist.report": Example("neighbour", "helped", lambda w, s: {
        "assist_id": s.assist_id, "text": "已派抢修队到场更换管段。"}),
    "escalation.raise": Example("supervisor", "dispatched", lambda w, s: {
        "escalation_id": new_id(), "to": "leader", "reason": "群众多次来电催办"}),
    "finding.dismiss": Example("supervisor", "doubted", lambda w, s: {
        "finding_id": s.finding_id, "reason": "已与联络员核实"}),
    "finding.restore": Example("supervisor", "ignored", lambda w, s: {"finding_id": s.finding_id}),
    "escalation.follow": Example("supervisor", "escalated", lambda w, s: {
        "escalation_id": s.escalation_id, "note_id": new_id(), "text": "已约谈联络员", "reported_to": "区域运中心",
        "lift_to": "leader"}),
    "escalation.close": Example("supervisor", "escalated", lambda w, s: {
        "escalation_id": s.escalation_id, "conclusion": "经核查，承办单位已落实整改。"}),
    "inspection.plan": Example("supervisor", "nothing", lambda w, s: inspected.plan()),
    "inspection.claim": Example("supervisor", "drawn", _case),
    "inspection.release": Example("supervisor", "taken", _case),
    "inspection.assign": Example("supervisor", "drawn", lambda w, s: _case(w, s) | {
        "person_id": w.people["second"].id}),
    "inspection.judge": Example("supervisor", "drawn", lambda w, s: _case(w, s) | inspected.verdict()),
    "inspection.correct": Example("supervisor", "judged", lambda w, s: _case(w, s) | {
        "verdict": "genuine", "grounds": [], "note": "", "reason": "核对原件后更正"}),
    "inspection.announce": Example("supervisor", "judged", _case),
    "inspection.field_check": Example("supervisor", "drawn", lambda w, s: _case(w, s) | {
        "check_id": new_id(), "finding": "agrees", "note": "门牌与照片一致", "against_id": None, "position": _PLACE,
        "evidence_ids": [w.phone("supervisor").declare(_ticket_of(w, s), photo(77), "check", **_case(w, s))]}),
    "inspection.rectify": Example("liaison", "told", lambda w, s: _case(w, s) | {
        "text": "已重新到现场办理并补拍照片。", "evidence_ids": []}),
    "inspection.review": Example("supervisor", "rectified", lambda w, s: _case(w, s) | {
        "passed": False, "note": "照片仍看不出变化"}),
    "inspection.appeal": Example("liaison", "told", lambda w, s: _case(w, s) | {
        "reason": "照片是同一地点两次办理，请复核。", "evidence_ids": []}),
    "inspection.decide": Example("second", "appealed", lambda w, s: _case(w, s) | {
        "granted": True, "verdict": "doubtful", "grounds": ["photo_unclear"], "note": "原件不同，但看不出变化"}),
    "ticket.sign": Example("liaison", "dispatched", lambda w, s: {}),
    "ticket.report_to_centre": Example("station", "dispatched", lambda w, s: {"note": "超出旗级权限，报市中心"}),
    "thread.post": Example("liaison", "handling", lambda w, s: {"message_id": new_id(), "text": "请问由谁管养"}),
    "contact.record": Example("liaison", "handling", lambda w, s: {
        "contact_id": new_id(), "purpose": "first", "to": "caller", "channel": "phone", "outcome": "reached",
        "started_at": later(minutes=-1), "duration_s": 61, "note": "约好下午上门", "evidence_ids": []}),
    "visit.record": Example("liaison", "handling", lambda w, s: {
        "visit_id": new_id(), "mode": "solve", "arrived_at": later(minutes=-2), "left_at": later(),
        "met": "family", "met_name": "家属", "position": _PLACE, "note": "当面说明了处理办法"}),
    "visit.except": Example("liaison", "handling", lambda w, s: {
        "exception_id": new_id(), "ground": "declined", "note": "来电人表示不必上门"}),
    "evidence.declare": Example("liaison", "handling", lambda w, s: {
        "evidence_id": new_id(), "sha256": new_id().replace("-", "") * 2, "size": 4096, "media_type": "image/jpeg",
        "kind": "photo", "phase": "visit", "captured_at": later(minutes=-3), "source": "camera", "position": _PLACE,
        "duration_s": None, "note": "门口"}),
    "evidence.withdraw": Example("liaison", "handling", lambda w, s: {
        "evidence_id": s.evidence_id, "reason": "拍虚了"}),
    "draft.save": Example("liaison", "handling", lambda w, s: {
        "parts": REPLY_PARTS, "opinion": "satisfied", "evidence_ids": [], **_more()}),
    "reply.submit": Example("liaison", "visited", lambda w, s: {
        "reply_id": new_id(), "parts": REPLY_PARTS, "opinion": "satisfied", "acknowledge": [], **_more(),
        "evidence_ids": [e["id"] for e in w.liaison.detail(str(s.ticket_id))["evidence"]]}),
    "reply.sign_off": Example("leader", "signing", lambda w, s: {
        "reply_id": s.reply_id, "content_hash": s.content_hash, "note": "同意"}),
    "reply.decline": Example("leader", "signing", _reasons),
    "review.accept": Example("station", "arrived", lambda w, s: {"reply_id": s.reply_id, "note": "详实"}),
    "review.send_back": Example("station", "reviewing", _reasons),
    "callback.record": Example("station", "closed", lambda w, s: {
        "callback_id": new_id(), "reached": True, "contacted": True, "visited": False, "solved": False,
        "satisfaction": "dissatisfied", "reasons": ["slow", "off_point"], "note": "五层仍不亮",
        "follow_up": "下周再上门一次"}, "hedong"),
    "callback.settle": Example("station", "unhappy", lambda w, s: {
        "callback_id": s.callback_id, "note": "已回访，问题解决"}, "hedong"),
    "review.reopen": Example("station", "unhappy", lambda w, s: {"reasons": ["五层感应灯仍不亮"]}, "hedong"),
    "request.return": Example("liaison", "dispatched", lambda w, s: {
        "request_id": new_id(), "reason": REASON, "proposed_unit": w.units["water"].id}),
    "request.extend": Example("liaison", "dispatched", lambda w, s: {
        "request_id": new_id(), "reason": REASON, "new_due_at": later(24 * 20)}),
    "request.withdraw": Example("liaison", "asked", _request),
    "request.decide": Example("station", "asked", lambda w, s: _request(w, s) | {"decision": "refuse", "note": "不符"}),
    "request.record_answer": Example("station", "at_city", lambda w, s: _request(w, s) | {
        "decision": "approve", "note": "市平台同意", "answered_at": later(minutes=-1), "new_due_at": later(24 * 15)}),
    "request.ask": Example("station", "closed", lambda w, s: asked.evaluation(), "hukou"),
    "request.answer": Example("liaison", "ordered", lambda w, s: _request(w, s) | {
        "text": "三次重办均因配件缺货，现已到货。", "evidence_ids": [], "finding": "in_order"}, "hukou"),
    "request.vote": Example("station", "called", lambda w, s: _request(w, s) | {
        "evaluator_id": s.evaluator_id, "vote": "unreasonable", "note": "于法无据"}, "hukou"),
    "ticket.resume": Example("station", "resting", lambda w, s: {"note": "检测提前完成"}, "uxin"),
    "plan.file": Example("liaison", "handling", lambda w, s: {
        "plan_id": new_id(), "text": "沉降原因不明，先检测再加固，期间设置警示并安排值守。",
        "steps": [{"text": "委托检测", "due_at": later(48), "done": False}]}, "hukou"),
    "commitment.make": Example("liaison", "contacted", lambda w, s: {
        "commitment_id": new_id(), "text": "三十日内完成主管网更换并恢复供水", "due_at": later(24 * 20)}, "hedong"),
    "commitment.settle": Example("liaison", "promised", lambda w, s: {
        "commitment_id": s.commitment_id, "outcome": "replaced", "note": "管材延迟到货", "evidence_ids": [],
        "following": {"commitment_id": new_id(), "due_at": later(24 * 30)}}, "hedong"),
    "progress.report": Example("liaison", "contacted", lambda w, s: {
        "progress_id": new_id(), "caller_told": True,
        "text": "已联系物业更换线路，灯具已到货，预计本周五前全部装好并逐层试亮，届时再次告知来电人。"}),
    "bundle.make": Example("supervisor", "dispatched", lambda w, s: {
        "bundle_id": new_id(), "reason": "上级提级核查", "unmasked": False}),
    "handover.execute": Example("liaison", "handling", lambda w, s: {
        "handover_id": new_id(), "from_person_id": w.people["liaison"].id, "to_person_id": w.people["deputy"].id,
        "note": "外出学习一周"}),
    "membership.assign": Example("admin", "nothing", _member),
    "membership.end": Example("admin", "nothing", _member),
    "person.change_phone": Example("liaison", "nothing", lambda w, s: {
        "person_id": w.people["liaison"].id, "phone": w.people["liaison"].phone}),
    "duty.set": Example("liaison", "nothing", lambda w, s: {
        "duty_id": new_id(), "unit_id": w.units["town"].id, "person_id": w.people["deputy"].id, "rank": "B",
        "from": later(), "until": later(24)}),
    "unit.open": Example("admin", "nothing", lambda w, s: {
        "unit_id": new_id(), "name": f"新设单位{new_id()[-6:]}", "level": 3, "parent_id": w.units["bureau"].id,
        "office": "综合股", "phone": "0477-5201234"}),
    "unit.rename": Example("admin", "nothing", lambda w, s: {
        "unit_id": w.units["empty"].id, "name": w.units["empty"].name}),
    "unit.move": Example("admin", "nothing", lambda w, s: {
        "unit_id": w.units["empty"].id, "level": 2, "parent_id": w.units["bureau"].id}),
    "station.reach": Example("station", "nothing", lambda w, s: {"phone": "0477-5296000"}),
    "unit.reach": Example("leader", "nothing", lambda w, s: {
        "unit_id": w.units["town"].id, "office": "综合保障中心", "phone": "0477-5205678"}),
    "unit.close": Example("admin", "nothing", lambda w, s: {"unit_id": _spare_unit(w), "reason": "机构合并"}),
    "person.enrol": Example("admin", "nothing", lambda w, s: {
        "person_id": new_id(), "name": "新来的人", "phone": _free_phone()}),
    "person.disable": Example("admin", "nothing", lambda w, s: {"person_id": _spare_person(w), "reason": "已调离"}),
    "duty.clear": Example("leader", "nothing", lambda w, s: {
        "unit_id": w.units["town"].id, "from": later(24 * next(_far)), "until": later(24 * 399)}),
    "duty.plan": Example("leader", "nothing", lambda w, s: {
        "unit_id": w.units["town"].id, "replace": False, "days": [
            {"day": _coming(), "a": w.people["liaison"].id, "b": w.people["deputy"].id}]}),
    "swap.ask": Example("liaison", "nothing", lambda w, s: _swap(w)),
    "swap.answer": Example("deputy", "nothing", lambda w, s: {"swap_id": _asked_swap(w), "accept": True}),
    "swap.withdraw": Example("liaison", "nothing", lambda w, s: {"swap_id": _asked_swap(w)}),
    "leave.take": Example("liaison", "nothing", lambda w, s: _leave(w)),
    "leave.end": Example("liaison", "nothing", lambda w, s: {"leave_id": _taken_leave(w)}),
    "deputation.appoint": Example("leader", "nothing", lambda w, s: {
        "deputation_id": new_id(), "principal": w.people["leader"].id, "deputy": w.people["deputy"].id,
        "since": later(24 * next(_days)), "until": later(24 * next(_days)), "reason": "外出学习"}),
    "deputation.end": Example("leader", "nothing", lambda w, s: {"deputation_id": _spare_deputation(w)}),
    "training.record": Example("admin", "nothing", lambda w, s: {
        "training_id": new_id(), "topic": "工单答复规范", "held_on": "2026-03-05", "kind": "group", "trainer": "站员甲",
        "attendees": [w.people["liaison"].id, w.people["deputy"].id], "result": "全部通过"}),
    "intake.map": Example("station", "nothing", lambda w, s: {
        "file_id": scenes.read_file(w), "header_row": 1, "defaults": {"source": "12345"},
        "columns": {"number": 0, "content": 2, "kind": 6}, "meanings": {"kind": {"民生": "help"}}}),
    "intake.confirm": Example("station", "nothing", lambda w, s: {"file_id": scenes.read_file(w)}),
    "intake.discard": Example("station", "nothing", lambda w, s: {"file_id": scenes.read_file(w)}),
    "intake.key_revoke": Example("admin", "nothing", lambda w, s: {"key_id": scenes.key(w)}),
    "webhook.test": Example("admin", "nothing", lambda w, s: {
        "webhook_id": scenes.webhook(w), "delivery_id": new_id()}),
    "webhook.retry": Example("admin", "nothing", lambda w, s: {"delivery_id": scenes.delivery(w)}),
    "policy.replan": Example("admin", "nothing", lambda w, s: {}),
    "calendar.publish": Example("admin", "nothing", lambda w, s: _year(next(_years))),
    "calendar.correct": Example("admin", "nothing", lambda w, s: {
        "day": "2020-01-02", "free": True, "name": "临时放假"}),
    "reminder.nudge": Example("station", "dispatched", lambda w, s: {"note": "诉求人又来电"}),
    "reach.log_call": Example("station", "nothing", lambda w, s: {
        "call_id": new_id(), "person_id": w.people["deputy"].id, "outcome": "no_answer", "note": None}),
    "channel.route": Example("admin", "nothing", lambda w, s: {
        "urgency": "normal", "together": ["webpush"], "first_of": ["wecom", "wechat"], "if_none": [], "groups": False,
        "may_mute": True}),
    "channel.prefer": Example("liaison", "nothing", lambda w, s: {
        "muted": ["webpush"], "order": ["wecom", "wechat"], "quiet_from": "21:00", "quiet_until": "07:30",
    }),
    "channel.unbind": Example("liaison", "nothing", lambda w, s: {"contact_id": _contact(w)}),
    "delivery.retry": Example("station", "nothing", lambda w, s: {"delivery_id": _dead_letter(w)}),
    "reminder.acknowledge": Example("liaison", "nothing", lambda w, s: {"reminder_id": new_id()}),
}  # fmt: skip


def home(world: World, name: str) -> World:
    """The town under whose profile a command has its place; it stands beside `world` in the same deployment."""
    return town(world, EXAMPLES[name].profile)


def prepared(world: World, name: str) -> tuple[str, Scene, Args]:
    """Set the stage for a command and return who gives it, the scene and its arguments."""
    example = EXAMPLES[name]
    scene = STAGES[example.stage](world)
    return example.who, scene, example.args(world, scene)
