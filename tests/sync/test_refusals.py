"""What a refused command says: a stable code, and a sentence that tells what to do instead."""

from __future__ import annotations

import re
from typing import Any

import pytest
from scenario import World
from sqlalchemy import insert

from app.ids import new_id
from app.people import permissions
from app.people.models import Unit
from app.people.permissions import PERMISSIONS, Actor
from app.problems import CATALOGUE, Refused, sentence
from app.sync.registry import REGISTRY
from app.tickets import lifecycle
from app.wire import CALLED, Wire

NOBODY = Actor("p", "新人", "dalad")
# What a liaison can act upon turns to them; these name the lack itself, beside the field that lacks it.
SAYS_THE_LACK = re.compile(r"^(part|opinion|photo|field|finish|commitment|basis|statement|reason)_")


class Nothing(Wire):
    """No arguments."""


def test_a_row_that_is_not_there_is_no_taken_number(shared: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def point_nowhere(session: Any, actor: Actor, args: dict[str, Any], at: Any) -> None:
        unit = {"id": new_id(), "jurisdiction_id": actor.jurisdiction_id, "name": new_id(), "level": 2}
        session.execute(insert(Unit), unit | {"parent_id": new_id()})

    def take_twice(session: Any, actor: Actor, args: dict[str, Any], at: Any) -> None:
        unit = {"id": shared.units["town"].id, "jurisdiction_id": actor.jurisdiction_id, "name": "又一个", "level": 2}
        session.execute(insert(Unit), unit)

    monkeypatch.setitem(REGISTRY, "unit.point_nowhere", (Nothing(), point_nowhere))
    monkeypatch.setitem(REGISTRY, "unit.take_twice", (Nothing(), take_twice))
    ticket_id, phone = shared.dispatched(), shared.liaison
    batch = [phone.command("unit.point_nowhere", None), phone.command("unit.take_twice", None)]
    batch += [phone.command("thread.post", ticket_id, message_id=new_id(), text="后面的不受影响")]
    receipts = phone.send_batch(batch)["receipts"]
    assert [receipt["code"] for receipt in receipts] == ["reference_unknown", "id_taken", None]
    assert "刷新后重新选择" in receipts[0]["message"]


@pytest.mark.parametrize("command", sorted(lifecycle.TRANSITIONS))
def test_in_a_wrong_state_the_sentence_says_what_comes_first(command: str) -> None:
    for state in lifecycle.LABELS:
        verdict = lifecycle.judge(command, state)
        if isinstance(verdict, Refused):
            said = sentence(verdict.code, verdict.facts)
            assert "—" not in said and "{" not in said, said
            assert re.search(r"：.{8,}。$", said), said


@pytest.mark.parametrize("command", sorted(PERMISSIONS))
def test_the_wrong_role_is_told_whose_it_is(command: str) -> None:
    verdict = permissions.judge(NOBODY, command, "dalad", None, "此事")
    assert isinstance(verdict, Refused)
    said = sentence(verdict.code, verdict.facts)
    assert re.fullmatch(r"您的岗位不能执行“此事”，请交由[\u4e00-\u9fff、]{2,40}办理。", said), said


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_sentence_turns_to_what_can_be_done(code: str) -> None:
    said = CATALOGUE[code][1]
    assert said.endswith(("。", "：{first}"))
    assert SAYS_THE_LACK.match(code) or re.search("请|不必|不会丢失|自动重试|正在续期|须|：{next}", said), said


def test_a_wrong_argument_is_named_as_people_call_it(shared: World) -> None:
    ticket_id = shared.dispatched()
    for args, said in (
        ({"message_id": new_id()}, "“内容”必须填写"),
        ({"message_id": new_id(), "text": ["一", "二"]}, "“内容”须是文字"),
    ):
        (receipt,) = shared.liaison.send_batch([shared.liaison.command("thread.post", ticket_id, **args)])["receipts"]
        assert receipt["code"] == "command_invalid" and said in receipt["message"]
    assert all(re.search(r"[\u4e00-\u9fff]", name) for name in CALLED.values())


def test_a_receipt_from_before_still_tells_what_to_do() -> None:
    assert sentence("not_permitted", {"command": "签收"}) == "您的岗位不能执行“签收”，请交由有权办理的岗位办理。"
    assert "请打开工单" in sentence("state_wrong", {"state": "办理中", "command": "签收"})
