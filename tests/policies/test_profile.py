"""Reading profiles: what dalad says, and how a bad profile is refused."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

import pytest

from app.policies.parse import parse_profile, policy_from
from app.policies.policy import Policy
from app.policies.publish import PROFILES
from app.policies.table import ProfileInvalid
from app.policies.wire import policy_for_phone

TEXT = (PROFILES / "dalad.toml").read_text("utf-8")
CONTENT = tomllib.loads(TEXT)


@pytest.fixture
def dalad() -> Policy:
    return parse_profile(TEXT, "dalad.toml")


def test_priorities_come_in_the_order_of_the_notice(dalad: Policy) -> None:
    """二(二), D2.2."""
    assert [p.label for p in dalad.priorities] == ["急件", "市长专线", "局长专线", "普通件"]
    assert (
        dalad.urgency("urgent") < dalad.urgency("mayor_line") < dalad.urgency("bureau_line") < dalad.urgency("normal")
    )
    assert dalad.urgency("something_new") > dalad.urgency("normal")


def test_reply_asks_what_the_notice_asks(dalad: Policy) -> None:
    """二(三), 五(二), D5.2."""
    labels = [part.label for part in dalad.reply.parts] + [dalad.reply.opinion.label]
    assert labels == ["是否属实", "了解到的情况", "办理过程", "办理结果", "来电人是否满意"]
    assert {"协调处理中", "已办理", "已答复", "正在办理中"} <= set(dalad.reply.empty.phrases)
    assert (dalad.reply.photos.before, dalad.reply.photos.after, dalad.reply.photos.severity) == (1, 1, "block")
    assert dalad.reply.visit.required


def test_visits_and_their_exceptions(dalad: Policy) -> None:
    """五(一), D5.1."""
    assert [mode.label for mode in dalad.visit.modes] == ["上门办", "上门劝", "上门谈"]
    unreachable = dalad.visit.exception("unreachable")
    assert unreachable is not None and unreachable.attempts == 3 and unreachable.assumed
    assert dalad.visit.exception("busy") is None


def test_requests_name_their_guard_and_who_decides(dalad: Policy) -> None:
    """二(四), 二(五), 三(二), 四(三)."""
    assert dalad.requests["return"].clock == "return"
    extension = dalad.requests["extension"]
    assert (extension.clock, extension.extends) == ("ask_extension", "feedback")
    assert [stage.key for stage in extension.stages] == ["station", "city"]


def test_who_signs_and_which_moment_meets_which_clock(dalad: Policy) -> None:
    assert dalad.unit_signers() == ("leader",)
    assert dalad.clocks_met("signed") == ("sign",)
    assert dalad.clocks_met("at_station") == ("feedback", "upload_target")
    assert dalad.clocks_met("contacted") == ()


def test_every_value_the_notice_leaves_open_says_so(dalad: Policy) -> None:
    assumed = [dalad.late_sync, dalad.working_day, dalad.clocks["feedback"].span, dalad.sign_off[0]]
    assert all(fact is not None and fact.assumed for fact in assumed)
    given = [dalad.clocks["sign"], dalad.clocks["return"], dalad.clocks["upload_target"], dalad.station]
    assert not any(fact.assumed for fact in given)
    assert all(part.length.assumed for part in dalad.reply.parts)


def _without(*path: Any) -> dict[str, Any]:
    content = copy.deepcopy(CONTENT)
    table: Any = content
    for key in path[:-1]:
        table = table[key]
    del table[path[-1]]
    return content


def _with(value: Any, *path: Any) -> dict[str, Any]:
    content = copy.deepcopy(CONTENT)
    table: Any = content
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = value
    return content


BAD = [
    (_without("name"), "name", "缺少这一项"),
    (_without("clocks", 0, "cite"), "clocks[0].cite", "缺少这一项"),
    (_without("clocks", 0, "span"), "clocks[0].span", "须且只能写一个"),
    (_without("reply", "opinion", "options"), "reply.opinion.options", "缺少这一项"),
    (_with("", "name"), "name", "不能为空"),
    (_with("1", "version"), "version", "应为整数"),
    (_with(True, "version"), "version", "应为整数"),
    (_with(0, "version"), "version", "不能小于 1"),
    (_with("Asia/Nowhere", "zone"), "zone", "没有“Asia/Nowhere”这个时区"),
    (_with("../etc", "zone"), "zone", "没有“../etc”这个时区"),
    (_with("21 Feb", "basis", "issued_on"), "basis.issued_on", "2022-02-21"),
    (_with("下班", "working_day", "closes"), "working_day.closes", "17:30"),
    (_with("claimed", "late_sync", "rule"), "late_sync.rule", "不在可选值中"),
    (_with("yes", "late_sync", "assumed"), "late_sync.assumed", "true 或 false"),
    (_with([], "sign_off"), "sign_off", "至少一项"),
    (_with(CONTENT["sign_off"][1:], "sign_off"), "sign_off", "至少要有一步单位内审签"),
    (_with(CONTENT["sign_off"][::-1], "sign_off"), "sign_off", "最后一步须由工作站审核"),
    (_with("strict", "clocks", 0, "kind"), "clocks[0].kind", "不在可选值中"),
    (_with("sign", "clocks", 1, "key"), "clocks", "重复"),
    (_with("signed", "clocks", 1, "met_when"), "clocks[1].met_when", "guard"),
    (_without("clocks", 0, "met_when"), "clocks[0].met_when", "guard"),
    (_with({"hours": 1, "working_days": 1, "cite": "一"}, "clocks", 0, "span"), "clocks[0].span.hours", "只能写一个"),
    (_with("nothing", "clocks", 3, "before", "clock"), "clocks.upload_target.before.clock", "nothing"),
    (_with("sign", "clocks", 3, "starts"), "clocks.upload_target.starts", "同时起算"),
    (_with("nothing", "requests", 0, "clock"), "requests.return", "nothing"),
    (_with("nothing", "requests", 1, "extends"), "requests.extension", "nothing"),
    (_with("nothing", "reminders", 0, "clock"), "reminders[0].clock", "nothing"),
    (_with(1, "reply", "parts", 0, "length", "max"), "reply.parts[0].length.max", "不能小于 min"),
    (_with("verified", "reply", "parts", 1, "key"), "reply.parts", "重复"),
    (_with(["已办理", "已办理"], "reply", "empty", "phrases"), "reply.empty.phrases", "“已办理”重复"),
    (_with("other", "progress", "empty"), "progress.empty", "不在可选值中"),
    (_with(1, "clocks", 0, "hour"), "clocks[0].hour", "不认识这一项"),
    (_with(1, "reply", "photo"), "reply.photo", "不认识这一项"),
    (_with(1, "emoji"), "emoji", "不认识这一项"),
    (_with("x", "basis"), "basis", "应为表"),
]


@pytest.mark.parametrize(("content", "key", "reason"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_a_bad_profile_is_refused_with_file_key_and_reason(content: dict[str, Any], key: str, reason: str) -> None:
    with pytest.raises(ProfileInvalid) as refused:
        policy_from(content, "bad.toml")
    assert refused.value.file == "bad.toml"
    assert refused.value.key == key
    assert reason in refused.value.reason
    assert "bad.toml" in str(refused.value) and key in str(refused.value)


def test_broken_toml_is_refused() -> None:
    with pytest.raises(ProfileInvalid, match=r"broken\.toml.*TOML"):
        parse_profile("name = ", "broken.toml")


def test_the_phone_gets_the_whole_template(dalad: Policy) -> None:
    transitions = [{"command": "ticket.sign", "label": "签收", "from": ["a"], "to": "b", "roles": ["liaison"]}]
    wire = policy_for_phone(dalad, transitions, {"a": "待签收"})
    assert wire["id"] == "dalad@2"
    assert wire["jurisdiction"] == "dalad"
    assert wire["basis"].startswith("达拉特旗人民政府")
    assert wire["states"] == {"a": "待签收"} and wire["transitions"] == transitions
    assert wire["clocks"]["ask_extension"] == {
        "label": "申请延期时限",
        "kind": "guard",
        "cite": "四(三)",
        "assumed": True,
    }
    assert wire["station"] == {"name": "旗12345接诉即办工作站", "phone": "5296118", "cite": "二(一)", "assumed": False}
    assert [p["key"] for p in wire["reply"]["parts"]] == ["verified", "findings", "process", "result"]
    assert wire["progress"]["empty_phrases"] == wire["reply"]["empty_phrases"]
    assert {r["kind"]: r["next"] for r in wire["requests"]} == {
        "return": "工作站审批",
        "extension": "工作站审核 → 市12345热线平台审核",
    }
    assert wire["visit"]["exceptions"][2]["attempts"] == 3
    assert [step["role"] for step in wire["sign_off"]] == ["leader", "station"]
    assert [r["offset_minutes"] for r in wire["reminders"] if r["clock"] == "sign"] == [0, 600, -240, -60, 0]
