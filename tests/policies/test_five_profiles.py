"""What the five notices say, as the profiles say it; and how a bad rule of the newer kinds is refused."""

from __future__ import annotations

import copy
import re
import tomllib
from typing import Any

import pytest

from app.policies.parse import parse_profile, policy_from
from app.policies.policy import Policy
from app.policies.publish import PROFILES, fingerprint
from app.policies.table import ProfileInvalid

TEXTS = {file.stem: file.read_text("utf-8") for file in PROFILES.glob("*.toml")}
POLICIES: dict[str, Policy] = {name: parse_profile(text, f"{name}.toml") for name, text in TEXTS.items()}
HEDONG, UXIN, HUKOU, XINQIAO = (POLICIES[name] for name in ("hedong", "uxin", "hukou", "xinqiao"))
PUBLISHED = {"dalad@1": "841baffefe0ffd35656315342c821a4931f78df54a74f8dea20db5892944afa1"}
"""People work under these already: a change needs a version of its own."""


def test_what_was_published_has_not_changed() -> None:
    for name, text in TEXTS.items():
        content = tomllib.loads(text)
        known = PUBLISHED.get(f"{name}@{content['version']}")
        assert known in (None, fingerprint(content)), f"{name}: version has to go up"


def test_hedong_two_contacts_three_meetings_and_who_signs() -> None:
    """二(一), 二(二): H2.1a, H2.1b, H2.2b, H2.2c."""
    contacts, meet = HEDONG.reply.contacts, HEDONG.reply.face_to_face
    assert contacts is not None and (contacts.first, contacts.second, contacts.severity) == (True, True, "block")
    assert meet is not None and meet.severity == "block"
    assert meet.applies("provincial", "normal", 0) and meet.applies("instant", "normal", 0)
    assert meet.applies("12345", "normal", 2) and not meet.applies("12345", "normal", 1)
    assert [step.roles for step in HEDONG.sign_off] == [("reviewer",), ("leader", "chief"), ("station",)]
    assert [(f.label, f.format, f.required) for f in HEDONG.reply.fields] == [
        ("答复人", "person", True), ("答复电话", "phone", True)
    ]  # fmt: skip
    assert {f.key: f.needs for f in HEDONG.reply.finishes} == {
        "settled": (), "committed": ("commitment",), "unsolvable": ("basis",)
    }  # fmt: skip


def test_uxin_four_parts_eight_and_nine_grounds_and_the_chief_at_the_end() -> None:
    """三(二), 四(五)至(七): U3.2, U4.5, U4.6, U4.7."""
    assert [part.label for part in UXIN.reply.parts] == ["是否属实", "调查情况", "处置结果", "反映人意见"]
    assert [step.roles for step in UXIN.sign_off] == [("reviewer",), ("leader",), ("station",)]
    last = UXIN.reply.finish("dissatisfied_unreasonable")
    assert last is not None and (last.signers, last.form) == (("chief",), "三级结案终审表")
    rest, end = UXIN.requests["suspension"], UXIN.requests["termination"]
    assert (len(rest.grounds), len(end.grounds)) == (8, 9)
    assert rest.grounds[-1].label == "其他需申请延期挂单的"
    assert end.grounds[-1].label == "其他不宜继续调查处办需要终结办理的"
    assert (rest.effect, rest.least_days, rest.told, rest.clock) == ("suspend", 90, True, "ask_suspension")
    assert (end.effect, end.visited) == ("terminate", "persuade")
    assert end.materials is not None and end.materials.phases == ("before", "after")
    assert rest.stages[0].roles == ("chief",)
    assert UXIN.reply.photos.or_recording and UXIN.reply.recording is not None


def test_hukou_two_extensions_an_appeal_and_a_panel() -> None:
    """二(一)3, 二(二)5, 二(二)8, 二(三)11: K1.3, K2.5, K2.8, K3.11."""
    longer = HUKOU.requests["extension"]
    assert (longer.most, longer.no_longer_than_original, longer.effect) == (2, True, "extend")
    back = HUKOU.requests["return"]
    within = back.stages[1].within
    assert within is not None and within.working_days == 1
    assert back.form == "湖口县12345热线工单退回申请表" and back.proposed_needed
    assert HUKOU.requests["appeal"].effect == "exempt" and HUKOU.requests["appeal"].materials is not None
    assert [stage.act for stage in HUKOU.requests["evaluation"].stages] == ["vote"]
    assert [part.label for part in HUKOU.reply.parts] == [
        "基本情况及现场检查情况", "处理结果及沟通情况", "拟办意见（拟答复口径）"
    ]  # fmt: skip
    feedback = HUKOU.clocks["feedback"]
    days = {kind: feedback.span_for(kind, "12345", "normal") for kind in ("consult", "help", "complaint")}
    assert {kind: span and (span.working_days, span.includes_start) for kind, span in days.items()} == {
        "consult": (2, True), "help": (6, True), "complaint": (8, True)
    }  # fmt: skip


def test_xinqiao_verifies_first_files_with_materials_and_calls_back_before_closing() -> None:
    """二(一), 三(一), 三(二), 三(五)至(八): X2.1, X3.1, X3.2, X3.5, X3.7, X3.8."""
    back = XINQIAO.requests["return"]
    assert back.verified and back.variant is not None and back.variant.clock == "return_on_site"
    assert len(XINQIAO.requests["filing"].grounds) == 5 and XINQIAO.requests["filing"].materials is not None
    assert XINQIAO.centre.contacts_first and XINQIAO.accept.contact_first
    assert XINQIAO.review.callback_before_close and XINQIAO.dispatch.repeat_limit == 3
    assert len(XINQIAO.reply.parts) == 6 and all(part.assumed for part in XINQIAO.reply.parts)
    assert [way.key for way in XINQIAO.direct] == ["template", "no_action", "not_ours"]
    assert XINQIAO.people.training_per_year == 1


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_station_without_a_number_in_its_notice_says_so(policy: Policy) -> None:
    assert policy.station.phone is None or re.fullmatch(r"[1-9]\d{4,}", policy.station.phone), "no number is made up"


def _with(value: Any, name: str, *path: Any) -> dict[str, Any]:
    content = copy.deepcopy(tomllib.loads(TEXTS[name]))
    table: Any = content
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = value
    return content


BAD = [
    (_with({"nobody": "某人"}, "hedong", "roles"), "roles.nobody", "不认识"),
    (_with("provincal", "hedong", "reply", "face_to_face", "sources", 0), "reply.face_to_face.sources", "provincal"),
    (_with(["commitmnt"], "hedong", "reply", "finishes", 1, "needs"), "reply.finishes[1].needs", "commitmnt"),
    (_with("number", "hedong", "reply", "fields", 1, "format"), "reply.fields[1].format", "不在可选值中"),
    (_with("sometimes", "hedong", "reply", "contacts", "severity"), "reply.contacts.severity", "不在可选值中"),
    (_with("mayor", "hedong", "sign_off", 0, "role"), "sign_off[0].role", "不在可选值中"),
    (_with(["mayor"], "hedong", "sign_off", 1, "roles"), "sign_off[1].roles", "mayor"),
    (_with(["gone"], "uxin", "reply", "finishes", 0, "opinions"), "reply.finishes.satisfied.opinions", "gone"),
    (_with("vanish", "uxin", "requests", 1, "effect"), "requests[1].effect", "不在可选值中"),
    (_with("gone", "uxin", "requests", 2, "visited"), "requests.termination.visited", "gone"),
    (_with(["gone"], "uxin", "requests", 1, "pauses"), "requests.suspension", "gone"),
    (_with("shout", "uxin", "requests", 3, "stages", 0, "act"), "requests[3].stages[0].act", "不在可选值中"),
    (_with(["handled"], "uxin", "clocks", 0, "met_when"), "clocks[0].met_when", "handled"),
    (_with("later", "uxin", "clocks", 0, "starts"), "clocks[0].starts", "不在可选值中"),
    (_with("soon", "uxin", "escalations", 0, "when"), "escalations[0].when", "不在可选值中"),
    (_with("officer", "uxin", "escalations", 1, "key"), "escalations", "重复"),
    (_with(["rumour"], "hukou", "clocks", 3, "spans", 0, "kinds"), "clocks.feedback.spans.kinds", "rumour"),
    (_with({"hours": 5, "includes_start": True, "cite": "一"}, "hukou", "clocks", 0, "span"),
     "clocks[0].span.includes_start", "没有“当日”"),
    (_with({"working_days": 1, "includes_start": True, "cite": "一"}, "hukou", "clocks", 0, "span"),
     "clocks[0].span.includes_start", "至少为 2 日"),
    (_with(["elsewhere"], "hukou", "escalations", 3, "values"), "escalations[3].values", "elsewhere"),
    (_with(0, "hukou", "requests", 1, "most"), "requests[1].most", "不能小于 1"),
    (_with("gone", "xinqiao", "requests", 0, "variant", "clock"), "requests.return", "gone"),
    (_with("gone", "xinqiao", "clocks", 5, "only", "clock"), "clocks.eighth_day.only.clock", "gone"),
    (_with(["write"], "xinqiao", "direct", 0, "needs"), "direct[0].needs", "write"),
    (_with("yes", "xinqiao", "centre", "contacts_first"), "centre.contacts_first", "true 或 false"),
    (_with("rules", "xinqiao", "dispatch", "grounds", 1, "key"), "dispatch.grounds", "重复"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "key", "reason"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_a_bad_rule_is_refused_with_key_and_reason(content: dict[str, Any], key: str, reason: str) -> None:
    with pytest.raises(ProfileInvalid) as refused:
        policy_from(content, "bad.toml")
    assert refused.value.key == key
    assert reason in refused.value.reason
