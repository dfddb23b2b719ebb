"""新桥镇: first contact, joint determination, 主办协办, 吹哨, repeated dispatch, group complaints, simple procedure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conformance.towns import town, work
from scenario import REASON, World, later

from app import clock
from app.ids import new_id

MINUTES = "经现场查看，渗漏点位于小区公共管网，由水务先行抢修，镇里做好群众解释。"
REPORT = "已派抢修队到场，更换破损管段三米，恢复供水。"


@pytest.fixture
def xinqiao(world: World) -> World:
    """The town of Xinqiao."""
    return town(world, "xinqiao")


def call(**other: Any) -> dict[str, Any]:
    args = {"contact_id": new_id(), "purpose": "clarify", "to": "caller", "channel": "phone", "outcome": "no_answer"}
    return args | {"started_at": later(minutes=-0.05)} | other


def stranger() -> dict[str, Any]:
    """A caller who has not called before."""
    return {"name": "张三", "phone": f"137{new_id()[-8:]}", "anonymous": False, "confidential": False}


def given(world: World, **basis: Any) -> str:
    """A ticket of the town, signed, given on the ground described."""
    ticket_id = world.registered()
    world.centre_done(ticket_id)
    world.station.do("ticket.dispatch", ticket_id, **{"unit_id": world.units["town"].id} | basis)
    world.liaison.contact(ticket_id)
    world.liaison.do("ticket.sign", ticket_id)
    return ticket_id


def letter(world: World, ticket_id: str, **other: Any) -> str:
    """The town's liaison asks the water company to help; return the letter's id."""
    args = {"assist_id": new_id(), "unit_id": world.units["water"].id, "what": "请配合查明渗漏点并抢修"} | other
    world.liaison.do("assist.ask", ticket_id, **args)
    return str(args["assist_id"])


@pytest.mark.clause("X3.1")
def test_the_centre_tries_to_reach_the_caller_before_it_dispatches_within_a_working_day(xinqiao: World) -> None:
    ticket_id, give = xinqiao.registered(), {"unit_id": xinqiao.units["town"].id} | xinqiao.basis()
    assert xinqiao.station.refused("ticket.dispatch", ticket_id, **give) == "centre_contact_missing"
    assert "1 个工作日" in xinqiao.station.clock_of(ticket_id, "hand_out")["derivation"]
    xinqiao.station.do("contact.record", ticket_id, **call(to="station"))
    assert xinqiao.station.refused("ticket.dispatch", ticket_id, **give) == "centre_contact_missing"
    xinqiao.station.do("contact.record", ticket_id, **call())
    xinqiao.station.do("ticket.dispatch", ticket_id, **give)
    assert xinqiao.station.clock_of(ticket_id, "hand_out")["met_at"]
    assert [c["outcome"] for c in xinqiao.liaison.detail(ticket_id)["contacts"]] == ["no_answer", "no_answer"]
    anonymous = xinqiao.registered(caller={"anonymous": True, "confidential": False})
    xinqiao.station.do("ticket.dispatch", anonymous, **give)
    xinqiao.liaison.do("ticket.sign", anonymous)


@pytest.mark.clause("X3.1")
def test_the_unit_contacts_the_caller_before_it_accepts_each_unit_for_itself(xinqiao: World) -> None:
    ticket_id = xinqiao.dispatched()
    assert xinqiao.liaison.refused("ticket.sign", ticket_id) == "accept_contact_missing"
    xinqiao.liaison.contact(ticket_id, outcome="no_answer")
    moved = {"unit_id": xinqiao.units["water"].id, "reason": "属供水职责", "ground": "rules"}
    xinqiao.station.do("ticket.reassign", ticket_id, **moved)
    neighbour = xinqiao.phone("neighbour")
    assert neighbour.refused("ticket.sign", ticket_id) == "accept_contact_missing"
    neighbour.contact(ticket_id)
    neighbour.do("ticket.sign", ticket_id)


@pytest.mark.clause("X2.2")
@pytest.mark.parametrize("how", ["agreed", "named"])
def test_who_was_determined_jointly_or_named_by_the_leader_cannot_hand_the_ticket_back(
    xinqiao: World, how: str
) -> None:
    town_id, water = xinqiao.units["town"].id, xinqiao.units["water"].id
    ticket_id = xinqiao.registered()
    xinqiao.centre_done(ticket_id)
    consultation = {"consultation_id": new_id(), "kind": "joint_duty", "participants": [water], "minutes": MINUTES,
                    "agreed": how == "agreed", "lead_unit_id": town_id}  # fmt: skip
    absent = "consultation_lead_absent" if how == "agreed" else "consultation_no_outcome"
    assert xinqiao.station.refused("consultation.record", ticket_id, **consultation) == absent
    more = {"participants": [water, town_id]} if how == "agreed" else {"named_by": "镇分管领导"}
    xinqiao.station.do("consultation.record", ticket_id, **consultation | more)
    ground = {"ground": "determined" if how == "agreed" else "named"}
    xinqiao.station.do(
        "ticket.dispatch", ticket_id, unit_id=town_id, consultation_id=consultation["consultation_id"], **ground
    )
    shown = xinqiao.liaison.detail(ticket_id)["assignments"][0]
    assert (shown["binding"], shown["instructed_by"]) == (True, None if how == "agreed" else "镇分管领导")
    xinqiao.liaison.contact(ticket_id)
    xinqiao.liaison.do("ticket.sign", ticket_id)
    asked = {"request_id": new_id(), "reason": REASON, "proposed_unit": water}
    assert xinqiao.liaison.refused("request.return", ticket_id, **asked) == "return_unit_named"
    listed = xinqiao.station.call("GET", "/api/v1/oversight/consultations?kind=joint_duty").get_json()
    assert ticket_id in [row["ticket"]["id"] for row in listed["consultations"]]
    assert xinqiao.liaison.call("GET", "/api/v1/oversight/consultations").status_code == 403


@pytest.mark.clause("X2.3")
def test_helpers_get_a_letter_report_and_the_lead_answers_for_all(xinqiao: World) -> None:
    ticket_id, helper = given(xinqiao, ground="rules"), xinqiao.phone("neighbour")
    assert helper.call("GET", f"/api/v1/tickets/{ticket_id}").status_code == 404
    assist_id = letter(xinqiao, ticket_id, due_at=later(48))
    twice = {"assist_id": new_id(), "unit_id": xinqiao.units["water"].id, "what": "请配合查明渗漏点并抢修"}
    assert xinqiao.liaison.refused("assist.ask", ticket_id, **twice) == "assist_open"
    assert ticket_id in [t["id"] for t in helper.pull()["tickets"]]
    assert xinqiao.liaison.refused("assist.sign", ticket_id, assist_id=assist_id) == "not_permitted"
    helper.do("assist.sign", ticket_id, assist_id=assist_id)
    helper.visit(ticket_id)
    photo_id = helper.photographed(ticket_id)[0]
    helper.do("thread.post", ticket_id, message_id=new_id(), text="抢修队下午到")
    progress = {"progress_id": new_id(), "text": REPORT, "caller_told": True}
    for name, args in (
        ("ticket.sign", {}), ("draft.save", {"parts": {}}), ("progress.report", progress),
        ("request.return", {"request_id": new_id(), "reason": REASON}),
        ("assist.ask", twice | {"assist_id": new_id()}),
    ):  # fmt: skip
        assert helper.refused(name, ticket_id, **args) == "not_permitted", name
    looked = helper.call("POST", f"/api/v1/tickets/{ticket_id}/caller", json={"reason": "想知道"})
    assert looked.status_code == 403
    helper.do("assist.report", ticket_id, assist_id=assist_id, text=REPORT)
    assert helper.refused("assist.report", ticket_id, assist_id=assist_id, text=REPORT) == "assist_not_open"
    [shown] = xinqiao.liaison.detail(ticket_id)["assists"]
    assert (shown["asked_by"]["name"], shown["signed_by"]["name"], shown["report"]) == ("联络员甲", "联络员丙", REPORT)
    assert photo_id in [e["id"] for e in xinqiao.liaison.detail(ticket_id)["evidence"]]
    xinqiao.liaison.contact(ticket_id, evidence_ids=[photo_id])


@pytest.mark.clause("X2.3")
def test_a_helper_is_out_again_when_the_ticket_moves_on_and_the_next_unit_calls_its_own(xinqiao: World) -> None:
    ticket_id, helper = given(xinqiao, ground="rules"), xinqiao.phone("neighbour")
    assist_id = letter(xinqiao, ticket_id)
    moved = {"unit_id": xinqiao.units["empty"].id, "reason": "属园林职责", "ground": "rules"}
    xinqiao.station.do("ticket.reassign", ticket_id, **moved, acknowledge=["unit_without_liaison"])
    assert helper.call("GET", f"/api/v1/tickets/{ticket_id}").status_code == 404
    assert helper.refused("assist.report", ticket_id, assist_id=assist_id, text=REPORT) == "ticket_not_found"
    assert xinqiao.station.detail(ticket_id)["assists"][0]["ended_at"]


@pytest.mark.clause("X2.3")
def test_the_lead_is_warned_before_it_answers_while_a_helper_has_not_reported(xinqiao: World) -> None:
    ticket_id = given(xinqiao, ground="joint", co_units=[xinqiao.units["water"].id])
    detail = xinqiao.liaison.detail(ticket_id)
    assert [(a["unit"]["id"], a["reported_at"]) for a in detail["assists"]] == [(xinqiao.units["water"].id, None)]
    waiting = xinqiao.station.call("GET", "/api/v1/oversight/assists").get_json()["assists"]
    assert ticket_id in [row["ticket"]["id"] for row in waiting]
    xinqiao.liaison.visit(ticket_id)
    xinqiao.liaison.contact(ticket_id, purpose="second")
    parts = {
        part.key: "经现场核实，反映情况属实，已组织人员当天到场处理完毕，并逐户告知。"
        for part in xinqiao.policy.reply.parts
    }
    answer = {"reply_id": new_id(), "parts": parts, "opinion": "satisfied", "acknowledge": [],
              "evidence_ids": xinqiao.liaison.photographed(ticket_id)}  # fmt: skip
    receipt = xinqiao.liaison.try_("reply.submit", ticket_id, **answer)
    assert receipt["code"] == "reply_unacknowledged", receipt
    assert [f["code"] for f in receipt["facts"]["findings"]] == ["assist_unreported"]
    assert xinqiao.units["water"].name in receipt["message"]
    [assist] = detail["assists"]
    xinqiao.phone("neighbour").do("assist.report", ticket_id, assist_id=assist["id"], text=REPORT)
    xinqiao.liaison.do("reply.submit", ticket_id, **answer)


@pytest.mark.clause("X2.4")
def test_a_grassroots_unit_whistles_departments_report_and_who_is_late_is_shown(xinqiao: World) -> None:
    ticket_id, helper = given(xinqiao, ground="rules"), xinqiao.phone("neighbour")
    whistle = {"assist_id": new_id(), "kind": "whistle", "unit_id": xinqiao.units["water"].id, "what": "请到现场会办"}
    assert xinqiao.liaison.refused("assist.ask", ticket_id, **whistle) == "assist_due_missing"
    past = whistle | {"due_at": later(-1)}
    assert xinqiao.liaison.refused("assist.ask", ticket_id, **past) == "not_valid_time"
    at = clock.now() - timedelta(hours=3)
    older = xinqiao.dispatched(ago=timedelta(hours=5))
    xinqiao.play("liaison", "assist.ask", older, at, **whistle | {"due_at": clock.iso(at + timedelta(hours=2))})
    work(xinqiao)
    assert any(n["ticket_id"] == older and n["kind"] == "assist_asked" for n in helper.pull()["inbox"])
    late = xinqiao.station.call("GET", "/api/v1/oversight/assists?which=late").get_json()["assists"]
    assert [(row["late"], row["kind"]) for row in late if row["ticket"]["id"] == older] == [(True, "whistle")]
    helper.do("assist.report", older, assist_id=whistle["assist_id"], text=REPORT)
    late = xinqiao.station.call("GET", "/api/v1/oversight/assists?which=late").get_json()["assists"]
    assert older not in [row["ticket"]["id"] for row in late]
    event = xinqiao.station.events(older)[-1]
    assert (event["name"], event["late"]) == ("assist.reported", True)
    work(xinqiao)
    assert any(n["ticket_id"] == older and n["kind"] == "assist_reported" for n in xinqiao.liaison.pull()["inbox"])


@pytest.mark.clause("X2.4")
def test_who_is_late_with_a_report_is_told_once_and_so_is_who_asked(xinqiao: World) -> None:
    from app.oversight.telling import tell_of_late_helpers

    at = clock.now() - timedelta(hours=3)
    ticket_id = xinqiao.dispatched(ago=timedelta(hours=5))
    whistle = {"assist_id": new_id(), "kind": "whistle", "unit_id": xinqiao.units["water"].id, "what": "请到现场会办"}
    xinqiao.play("liaison", "assist.ask", ticket_id, at, **whistle | {"due_at": clock.iso(at + timedelta(hours=2))})
    for _ in range(2):
        tell_of_late_helpers(xinqiao.database, clock.now())
    for who in ("neighbour", "liaison"):
        inbox = xinqiao.phone(who).pull()["inbox"]
        assert [n["kind"] for n in inbox if n["ticket_id"] == ticket_id].count("assist_late") == 1, who


@pytest.mark.clause("X3.6")
def test_more_than_three_dispatches_go_to_the_leader_and_stand_in_the_quarters_list(xinqiao: World) -> None:
    ticket_id = xinqiao.dispatched(caller=stranger())
    for number, unit in enumerate(("water", "town", "water"), start=2):
        work(xinqiao)
        assert xinqiao.station.detail(ticket_id)["escalations"] == []
        args = {"unit_id": xinqiao.units[unit].id, "reason": "职责交叉，改派", "ground": "rules"}
        xinqiao.station.do("ticket.reassign", ticket_id, **args)
        assert xinqiao.station.ticket(ticket_id)["assigned_count"] == number
    work(xinqiao)
    work(xinqiao)
    [raised] = xinqiao.station.detail(ticket_id)["escalations"]
    assert (raised["rule"], raised["to"], raised["raised_by"]) == ("repeated", "leader", None)
    follow = {"escalation_id": raised["id"], "note_id": new_id(), "text": "已报分管领导，明确由水务办理并督办"}
    xinqiao.station.do("escalation.follow", ticket_id, **follow)
    local = clock.now() + timedelta(hours=8)
    quarter = f"{local.year}Q{(local.month + 2) // 3}"
    for query, listed in (("", True), (f"?quarter={quarter}", True), ("?quarter=2020Q1", False)):
        answer = xinqiao.station.call("GET", f"/api/v1/oversight/repeated{query}").get_json()
        rows = {row["id"]: row for row in answer["tickets"]}
        assert (ticket_id in rows) is listed, query
    row = xinqiao.station.call("GET", "/api/v1/oversight/repeated").get_json()["tickets"]
    [mine] = [r for r in row if r["id"] == ticket_id]
    assert (mine["assigned_count"], mine["unresolved"], len(mine["units"])) == (4, True, 4)
    assert mine["escalations"][0]["notes"][0]["text"] == follow["text"]
    board = xinqiao.station.call("GET", "/api/v1/tickets?repeated=true&page_size=100").get_json()["tickets"]
    assert ticket_id in [t["id"] for t in board]
    for wrong in ("2026Q5", "2026", "2026Q11"):
        assert xinqiao.station.call("GET", f"/api/v1/oversight/repeated?quarter={wrong}").status_code == 422


@pytest.mark.clause("X3.8")
def test_policy_questions_are_answered_from_a_template_by_the_centre(xinqiao: World) -> None:
    ticket_id = xinqiao.registered(kind="consult")
    answer = {"way": "template", "text": "根据城乡居民医保政策，参保登记可在社区事务受理中心办理。"}
    assert xinqiao.station.refused("ticket.answer_directly", ticket_id, **answer) == "direct_template_missing"
    assert xinqiao.station.refused("ticket.answer_directly", ticket_id, **answer | {"way": "?"}) == "direct_way_unknown"
    short = answer | {"text": "请咨询社区", "template": "医保参保登记"}
    assert xinqiao.station.refused("ticket.answer_directly", ticket_id, **short) == "direct_text_missing"
    xinqiao.station.do("ticket.answer_directly", ticket_id, **answer | {"template": "医保参保登记"})
    ticket = xinqiao.station.ticket(ticket_id)
    shown = ticket["detail"]["direct_answer"]
    assert (ticket["state"], shown["template"], shown["text"]) == ("closed", "医保参保登记", answer["text"])
    assert all(c["met_at"] or c["stopped_at"] for c in ticket["clocks"])
    assert xinqiao.station.refused("ticket.answer_directly", ticket_id, **answer) == "state_wrong"


@pytest.mark.clause("X3.8")
def test_a_caller_who_says_no_action_is_needed_is_spoken_with_first(xinqiao: World) -> None:
    ticket_id = xinqiao.registered()
    assert xinqiao.station.refused("ticket.answer_directly", ticket_id, way="no_action") == "direct_not_told"
    xinqiao.station.do("contact.record", ticket_id, **call(outcome="no_answer"))
    assert xinqiao.station.refused("ticket.answer_directly", ticket_id, way="no_action") == "direct_not_told"
    xinqiao.station.do("contact.record", ticket_id, **call(outcome="reached", note="市民表示已自行解决"))
    xinqiao.station.do("ticket.answer_directly", ticket_id, way="no_action")
    assert xinqiao.station.detail(ticket_id)["direct_answer"]["told_at"]


@pytest.mark.clause("X2.8")
def test_group_complaints_in_a_short_time_are_noticed_and_reported(xinqiao: World) -> None:
    category, caller = f"物业/{new_id()}", {"anonymous": True, "confidential": False}
    tickets = [xinqiao.registered(category=category, caller=caller) for _ in range(4)]
    xinqiao.registered(category=category, caller=caller, area="别的小区")
    work(xinqiao)
    assert not any(xinqiao.station.detail(t)["escalations"] for t in tickets)
    tickets.append(xinqiao.registered(category=category, caller=caller))
    work(xinqiao)
    raised = [e for t in tickets for e in xinqiao.station.detail(t)["escalations"]]
    assert [(e["rule"], e["to"], sorted(e["related"])) for e in raised] == [("group", "leader", sorted(tickets))]
    assert category in raised[0]["reason"]
    assert any("短期内群众集体性投诉" in n["title"] for n in xinqiao.leader.pull()["inbox"])
    sixth = xinqiao.registered(category=category, caller=caller)
    work(xinqiao)
    listed = xinqiao.station.call("GET", "/api/v1/oversight/escalations").get_json()["escalations"]
    [matter] = [e for e in listed if e["id"] == raised[0]["id"]]
    assert sixth in matter["related"]
    told = {
        "escalation_id": matter["id"],
        "note_id": new_id(),
        "text": "已报区域运中心备案",
        "reported_to": "区域运中心",
    }
    xinqiao.station.do("escalation.follow", matter["ticket"]["id"], **told)
    assert xinqiao.station.detail(matter["ticket"]["id"])["escalations"][0]["notes"][0]["reported_to"] == "区域运中心"
