"""From upload to finding by the worker's own steps, on both engines: once, remembered, lapsed, and out of sight."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from evidence.spoken import RATE, recorded, speech
from lasting import shared
from oversight.findings.stage import Town, cropped, picture, stranger
from scenario import World, later
from sqlalchemy import select, update

from app import clock
from app.ids import new_id
from app.journal import tasks
from app.oversight.findings import jobs
from app.oversight.findings.models import Finding, FindingRun
from app.oversight.findings.queries import Weight, weights
from app.people.models import Jurisdiction, Membership
from app.people.permissions import LEADER
from app.policies.models import PolicyVersion
from app.policies.parse import parse_profile
from app.policies.publish import add_version
from app.setup import add_member
from app.verify import check, strays, subjects
from app.worker import perform_with

pytestmark = pytest.mark.slow

__all__ = ["shared"]
HERE = {"lat": 40.4075, "lon": 110.0338, "accuracy_m": 12.0}


@pytest.fixture(scope="module")
def town(shared: World) -> Town:
    return Town(shared)


@pytest.fixture(autouse=True)
def whole(town: Town) -> Iterator[None]:
    """After every test each chain holds and nothing has events without a row."""
    yield
    with town.world.database.read(snapshot=True) as session:
        assert not [name for name, *chain in subjects(session) if check(session, *chain)]
        assert strays(session) == []


@pytest.fixture(scope="module")
def seeds() -> Iterator[int]:
    return iter(range(1000, 2000))


@pytest.mark.clause("A3", "U4.8", "K3.10", "X3.5", "D5.2", partial="判定与抽查见各自测试")
def test_a_photo_of_another_ticket_is_found_on_the_later_one(town: Town, seeds: Iterator[int]) -> None:
    world = town.world
    first = world.handling(area="树林召镇平安小区")
    other = world.handling(area="白泥井镇", caller=stranger("李某", "13900001111"))
    content = picture(next(seeds))
    original = town.handed_in(first, content)
    copied = town.handed_in(other, content, source="gallery")
    town.work()
    assert town.kinds(first) == {}
    (one,) = [f for f in town.found(other) if f["kind"] == "same_file"]
    assert (one["severity"], one["severity_label"]) == ("high", "高度可疑")
    number = world.station.ticket(first)["number"]
    assert number in one["reason"] and one["evidence"]["id"] == copied
    assert one["compared"]["evidence"]["id"] == original and one["compared"]["ticket"]["number"] == number
    assert one["evidence"]["has_thumb"] and one["compared"]["evidence"]["has_thumb"]
    assert town.kinds(other)["gallery"] == "low"


def test_a_photo_that_was_cropped_and_saved_again_is_found_too(town: Town, seeds: Iterator[int]) -> None:
    world, content, trouble = town.world, picture(next(seeds)), picture(next(seeds))
    first = world.handling(area="甲镇")
    other = world.handling(area="乙镇", caller=stranger("孙某", "13911114444"))
    original, before = town.handed_in(first, content), town.handed_in(other, trouble, "before")
    copied, again = town.handed_in(other, cropped(content)), town.handed_in(other, cropped(trouble), "after")
    town.work()
    assert town.kinds(first) == {}
    found = {(f["kind"], f["evidence"]["id"]): f for f in town.found(other)}
    one, two = found["lookalike", copied], found["before_after", again]
    assert one["severity"] == two["severity"] == "high"
    assert one["compared"]["evidence"]["id"] == original and two["compared"]["evidence"]["id"] == before
    assert len(found) == 2


def test_the_same_facts_make_no_twins_and_tell_the_unit_nothing(town: Town, seeds: Iterator[int]) -> None:
    world = town.world
    ticket_id = world.handling()
    content = picture(next(seeds), software="Adobe Photoshop 25.0")
    before = world.liaison.declare(ticket_id, content, "before")
    after = world.liaison.declare(ticket_id, content, "after")
    world.liaison.upload(before, content), world.liaison.upload(after, content)
    for _ in range(3):
        seen = world.liaison.ticket(ticket_id)["version"], [e["name"] for e in world.liaison.events(ticket_id)]
        rendered = town.work()
        assert jobs.look(world.database, town.store, ticket_id, clock.now()) is False
        assert sorted(f["kind"] for f in town.found(ticket_id)) == ["before_after", "edited", "edited"]
        now = world.liaison.ticket(ticket_id)["version"], [e["name"] for e in world.liaison.events(ticket_id)]
        assert now == seen or any(task.startswith("render") for task in rendered)
        world.liaison.contact(ticket_id)
    for shown in (world.liaison.ticket(ticket_id), world.liaison.events(ticket_id), world.liaison.pull()["tickets"]):
        assert "finding" not in str(shown) and "疑" not in str(shown)


@pytest.mark.parametrize("who", ["liaison", "deputy", "leader", "reviewer", "chief", "neighbour", "admin"])
def test_nobody_but_station_and_supervisors_sees_findings(town: Town, who: str, seeds: Iterator[int]) -> None:
    ticket_id = town.world.handling()
    town.handed_in(ticket_id, picture(next(seeds)), source="gallery")
    town.work()
    (one,) = town.found(ticket_id)
    phone = town.world.phone(who)
    for path in (f"/api/v1/oversight/tickets/{ticket_id}/findings", "/api/v1/oversight/findings?state=all"):
        answer = phone.call("GET", path)
        assert answer.status_code == 403 and answer.get_json()["code"] == "not_permitted"
    code = phone.refused("finding.dismiss", ticket_id, finding_id=one["id"], reason="不是问题")
    assert code in ("not_permitted", "ticket_not_found")


def test_who_works_in_the_unit_too_does_not_see_the_findings_of_its_evidence(town: Town, seeds: Iterator[int]) -> None:
    world = town.world
    ticket_id = world.handling()
    town.handed_in(ticket_id, picture(next(seeds)), source="gallery")
    town.work()
    (one,) = town.found(ticket_id, "station")
    with world.database.unit_of_work() as session:
        add_member(session, world.people["station"], world.units["town"], LEADER, None)
    assert town.found(ticket_id, "station") == []
    code = world.station.refused("finding.dismiss", ticket_id, finding_id=one["id"], reason="不是问题")
    listed = world.station.call("GET", "/api/v1/oversight/findings?state=all").get_json()
    with world.database.unit_of_work() as session:
        session.execute(
            update(Membership)
            .where(Membership.person_id == world.people["station"].id, Membership.role == LEADER)
            .values(until=clock.now() - timedelta(seconds=1))
        )
    assert code == "finding_not_found" and ticket_id not in {f["ticket"]["id"] for f in listed["findings"]}
    assert town.found(ticket_id, "station") == [one]


def test_dismissed_with_a_reason_remembered_and_taken_back(town: Town, seeds: Iterator[int]) -> None:
    world = town.world
    ticket_id = world.handling()
    town.handed_in(ticket_id, picture(next(seeds), software="Snapseed 2.0"))
    town.work()
    (one,) = town.found(ticket_id)
    supervisor = world.phone("supervisor")
    assert supervisor.refused("finding.dismiss", ticket_id, finding_id=one["id"], reason="") == "command_invalid"
    assert supervisor.refused("finding.restore", ticket_id, finding_id=one["id"]) == "finding_state_wrong"
    supervisor.do("finding.dismiss", ticket_id, finding_id=one["id"], reason="只裁剪了车牌")
    (seen,) = town.found(ticket_id)
    assert seen["state"] == "dismissed" and seen["dismissed"]["reason"] == "只裁剪了车牌"
    assert seen["dismissed"]["by"]["name"] == "督查员甲"
    assert (
        world.station.refused("finding.dismiss", ticket_id, finding_id=one["id"], reason="重复")
        == "finding_state_wrong"
    )
    other = world.handling()
    assert supervisor.refused("finding.dismiss", other, finding_id=one["id"], reason="别的工单") == "finding_not_found"

    world.liaison.contact(ticket_id)
    town.work()
    assert town.kinds(ticket_id) == {} and list(town.kinds(ticket_id, "dismissed")) == ["edited"]
    with world.database.read() as session:
        assert weights(session, [ticket_id]) == {ticket_id: Weight()}
    supervisor.do("finding.restore", ticket_id, finding_id=one["id"])
    assert town.kinds(ticket_id) == {"edited": "medium"}
    with world.database.read() as session:
        assert weights(session, [ticket_id, other]) == {
            ticket_id: Weight(medium=1, kinds={"edited": "medium"}), other: Weight()
        }  # fmt: skip
    assert "finding" not in str(world.liaison.events(ticket_id))


def test_other_facts_wake_a_dismissed_finding(town: Town, seeds: Iterator[int]) -> None:
    world = town.world
    ticket_id = world.handling()
    world.liaison.visit(ticket_id, position=HERE | {"at": later()})
    away = {"lat": HERE["lat"] + 0.018, "lon": HERE["lon"], "accuracy_m": 300.0, "at": later()}
    town.handed_in(ticket_id, picture(next(seeds)), position=away)
    town.work()
    (one,) = town.found(ticket_id)
    assert (one["kind"], one["severity"]) == ("far_visit", "medium")
    world.station.do("finding.dismiss", ticket_id, finding_id=one["id"], reason="位置可以解释")
    # A second check-in, nearer but still far: other facts, and somebody looks again.
    world.liaison.visit(ticket_id, position={"lat": HERE["lat"] + 0.004, "lon": HERE["lon"], "at": later()})
    town.work()
    (again,) = town.found(ticket_id)
    assert (again["id"], again["state"], again["dismissed"]) == (one["id"], "open", None)


def test_a_finding_whose_cause_is_gone_has_lapsed_and_is_kept(town: Town, seeds: Iterator[int]) -> None:
    world = town.world
    first, other = (
        world.handling(area="甲镇"),
        world.handling(area="乙镇", caller=stranger("赵某", "13911112222")),
    )
    content = picture(next(seeds))
    original, copied = town.handed_in(first, content), town.handed_in(other, content)
    town.work()
    assert town.kinds(other) == {"same_file": "high"}
    # The original is withdrawn: the copy is a copy of nothing that counts any more, on a ticket nobody touched.
    world.liaison.do("evidence.withdraw", first, evidence_id=original, reason="拍错了地方")
    town.work()
    assert town.kinds(other) == {}
    (one,) = town.found(other)
    assert one["state"] == "lapsed" and one["lapsed_at"] is not None
    world.liaison.do("evidence.withdraw", other, evidence_id=copied, reason="拍错了地方")
    town.work()
    assert [f["state"] for f in town.found(other)] == ["lapsed"]
    station = world.station.refused("finding.dismiss", other, finding_id=one["id"], reason="已经撤回")
    assert station == "finding_state_wrong"


def test_an_original_that_arrives_after_its_copy(town: Town, seeds: Iterator[int]) -> None:
    """The liaison photographed it offline; a colleague's copy from the album came first."""
    world = town.world
    first, other = (
        world.handling(area="甲镇"),
        world.handling(area="乙镇", caller=stranger("钱某", "13911113333")),
    )
    content = picture(next(seeds))
    town.handed_in(other, content, source="gallery")
    town.work()
    assert list(town.kinds(other)) == ["gallery"]
    town.handed_in(first, content)
    done = town.work()
    assert any(task.startswith(f"{jobs.LOOK_BACK}:{other}") for task in done)
    assert town.kinds(other) == {"gallery": "low", "same_file": "high"} and town.kinds(first) == {}


def test_old_edited_and_far_away_all_at_once(town: Town, seeds: Iterator[int]) -> None:
    world = town.world
    ticket_id = world.handling()
    world.liaison.visit(ticket_id, position=HERE | {"at": later()}, arrived_at=later(minutes=-5))
    away = {"lat": HERE["lat"] + 0.054, "lon": HERE["lon"], "accuracy_m": 10.0, "at": later()}
    taken = (clock.now() - timedelta(days=60)).strftime("%Y:%m:%d %H:%M:%S")
    town.handed_in(ticket_id, picture(next(seeds), taken=taken), position=away)
    town.work()
    expected = {"old_photo": "high", "far_visit": "high", "exif_time": "medium", "jump": "medium"}
    assert town.kinds(ticket_id) == expected
    listed = world.phone("supervisor").call(
        "GET", f"/api/v1/oversight/findings?ticket={ticket_id}&severity=high&unit={world.units['town'].id}"
    )
    body = listed.get_json()
    assert {f["kind"] for f in body["findings"]} == {"old_photo", "far_visit"}
    assert body["counts"] == {"high": 2, "medium": 2, "low": 0}
    none = world.station.call("GET", f"/api/v1/oversight/findings?ticket={ticket_id}&kind=silent").get_json()
    assert none["findings"] == [] and none["counts"] == {"high": 0, "medium": 0, "low": 0}
    far = world.station.call("GET", f"/api/v1/oversight/findings?unit={new_id()}").get_json()
    assert far["findings"] == []


def test_other_rules_look_at_every_ticket_again_and_dismissals_stay(town: Town, seeds: Iterator[int]) -> None:
    world = town.world
    town.work()
    for run in jobs.begin_due(world.database, clock.now()):
        perform_with(town.context, f"{jobs.RECOMPUTE}:{run}")
    assert jobs.begin_due(world.database, clock.now()) == []
    town.handed_in(world.handling(), picture(next(seeds)))
    ticket_id = world.handling()
    world.liaison.visit(ticket_id, position=HERE | {"at": later()})
    near = {"lat": HERE["lat"] + 0.0045, "lon": HERE["lon"], "accuracy_m": 10.0, "at": later()}
    town.handed_in(ticket_id, picture(next(seeds), software="Snapseed"), position=near)
    town.work()
    (edited,) = town.found(ticket_id)
    world.station.do("finding.dismiss", ticket_id, finding_id=edited["id"], reason="只调了亮度")

    publish(world, '[findings]\nfar_metres = 300\ncite = "本地约定"\nassumed = true\n')
    (run,) = jobs.begin_due(world.database, clock.now())
    assert jobs.begin_due(world.database, clock.now()) == [], "once for one change"
    shown = world.station.call("GET", "/api/v1/oversight/findings").get_json()["run"]
    assert shown["finished_at"] is None and shown["total"] > 1 and shown["done"] == 0
    perform_with(town.context, f"{jobs.RECOMPUTE}:{run}")
    shown = world.station.call("GET", "/api/v1/oversight/findings").get_json()["run"]
    assert shown["finished_at"] and shown["done"] == shown["total"] and shown["changed"] >= 1
    assert town.kinds(ticket_id) == {"far_visit": "medium"}
    assert town.kinds(ticket_id, "dismissed") == {"edited": "medium"}
    with world.database.read() as session:
        rules = set(session.scalars(select(Finding.rules).where(Finding.ticket_id == ticket_id)))
        assert rules == {session.scalars(select(FindingRun.rules).where(FindingRun.id == run)).one()}


def publish(world: World, more: str) -> None:
    """Put another version of the profile in force, with something added."""
    with world.database.unit_of_work() as session:
        place = session.get_one(Jurisdiction, world.profile)
        row = session.get_one(PolicyVersion, place.policy_id)
        assert row.text is not None
        text = row.text.replace(f"version = {row.version}", f"version = {row.version + 1}", 1) + "\n" + more
        place.policy_id = add_version(session, parse_profile(text, "test.toml"), text)


def test_a_run_that_was_killed_goes_on_and_one_given_up_says_so(
    town: Town, seeds: Iterator[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        town.handed_in(town.world.handling(), picture(next(seeds)))
    town.work()
    monkeypatch.setattr(jobs, "BATCH", 1)
    with town.world.database.unit_of_work() as session:
        session.add(
            run := FindingRun(
                id=new_id(), jurisdiction_id=town.world.profile, rules="x", asked_at=clock.now(), total=9, done=0,
                changed=0,
            )
        )  # fmt: skip
    ids = jobs._next(town.world.database, run.id)
    assert ids is not None and len(ids) == 1
    jobs._progress(town.world.database, run.id, ids, 0, clock.now())
    assert jobs._next(town.world.database, run.id) != ids
    jobs.give_up(town.world.database, run.id, clock.now())
    with town.world.database.read() as session:
        row = session.get_one(FindingRun, run.id)
        assert (row.done, row.after_id, row.finished_at) == (1, ids[0], None) and row.failed_at is not None
    monkeypatch.setattr(jobs, "AT_ONCE", 0.0)
    jobs.recompute(town.world.database, town.store, run.id, clock.now())
    with town.world.database.read() as session:
        assert session.get_one(FindingRun, run.id).done == 2, "a part, and the next part is due"
        assert f"{jobs.RECOMPUTE}:{run.id}" in tasks.due(session, clock.now())
    monkeypatch.undo()
    jobs.recompute(town.world.database, town.store, run.id, clock.now())
    with town.world.database.read() as session:
        row = session.get_one(FindingRun, run.id)
        assert row.finished_at is not None and row.failed_at is None and row.done == row.total > 1


def test_recordings_silent_and_used_again(town: Town) -> None:
    world, call = town.world, speech(70, seed=21)
    first = world.handling(area="甲镇")
    other = world.handling(area="乙镇", caller=stranger("周某", "13911115555"))
    own = {"kind": "audio", "source": "recorder"}
    original = town.handed_in(first, recorded(call), "call", media_type="audio/mp4", **own)
    town.work()
    again = town.handed_in(other, recorded(call * 0.6, "audio/amr"), "call", media_type="audio/amr", **own)
    still = recorded(np.zeros(20 * RATE, np.float32))
    silent = town.handed_in(other, still, "call", media_type="audio/mp4", duration_s=200, **own)
    town.work()
    assert town.kinds(first) == {}
    found = {(f["kind"], f["evidence"]["id"]): f for f in town.found(other)}
    assert set(found) == {("sound_reused", again), ("silent", silent), ("duration", silent)}
    reused = found["sound_reused", again]
    assert reused["severity"] in ("high", "medium") and reused["compared"]["evidence"]["id"] == original
    assert reused["evidence"]["has_audio"] and found["duration", silent]["severity"] == "medium"


def test_another_camera_than_the_phone_has(town: Town, seeds: Iterator[int]) -> None:
    ticket_id = town.world.handling()
    for _ in range(4):
        town.handed_in(ticket_id, picture(next(seeds), model="P60 Pro"))
    town.work()
    assert town.kinds(ticket_id) == {}
    other = town.world.handling()
    town.handed_in(other, picture(next(seeds), model="EOS R5"))
    town.work()
    assert town.kinds(other) == {"exif_device": "medium"}
    mine = next(f for f in town.found(other) if f["kind"] == "exif_device")
    assert "P60 Pro" in mine["reason"] and "EOS R5" in mine["reason"]


def test_a_damaged_file_is_shown_to_those_who_check(town: Town) -> None:
    ticket_id = town.world.handling()
    broken = io.BytesIO(picture(5)).read(2000)
    town.handed_in(ticket_id, broken)
    town.work()
    assert town.kinds(ticket_id) == {"unreadable": "low"}
