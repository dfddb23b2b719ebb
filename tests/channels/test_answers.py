"""Every code of every service, said by the service over its socket, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from channels.conftest import Office

from app.channels import forms
from app.channels.answers import DINGTALK, FEISHU, MAIL, SMS, WECHAT, WECOM, WECOMBOT, Meaning
from app.channels.channel import TAKEN, Message, Outcome, Result
from app.channels.jobs import opened
from app.channels.null import NullChannel
from app.reach import kinds

FACTS = {"title": "工单 DL-1 待签收", "due_time": "2026-11-21 05:14", "number": "DL-1", "due": "11-21 05:14"}
TABLES = {
    kinds.WECHAT: WECHAT, kinds.WECOM: WECOM, kinds.DINGTALK: DINGTALK, kinds.FEISHU: FEISHU,
    kinds.WECOMBOT: WECOMBOT, kinds.SMS: SMS, kinds.MAIL: MAIL,
}  # fmt: skip


def message(address: str, **keys: str) -> Message:
    return Message(address, "城建局 · DL-1", "工单 DL-1 待签收", "t" * 32, timedelta(hours=1), keys=keys, facts=FACTS)


def try_(office: Office, channel: str, address: str = "someone", **keys: str) -> Outcome:
    if channel in kinds.GROUPS:
        address = office.robots.address(channel)
    return office.exits.channel("dalad", channel).send(message(address, **keys))


def told(office: Office, channel: str, codes: list[int | str]) -> None:
    """Have the service say these codes, one a request."""
    if channel == kinds.MAIL:
        office.mail.codes = [int(code) for code in codes]
        return
    servers = {kinds.WECHAT: office.wechat, kinds.WECOM: office.wecom, kinds.SMS: office.sms}
    servers.get(channel, office.robots).moods.codes = list(codes)


def test_every_code_means_what_the_table_says(office: Office) -> None:
    """One town for all of them: a town a code would take minutes."""
    for channel, table in TABLES.items():
        office.set_up(channel)
        for code, meaning in table.items():
            # A stale token is renewed once; only a service that goes on refusing the new one ends here.
            told(office, channel, [code] * (2 if meaning.renew else 1))
            outcome = try_(office, channel)
            assert outcome == Outcome(meaning.result, f"{meaning.words}（{code}）", meaning.wait, str(code)), channel
    assert office.mail.letters == [] and office.robots.said["feishu"] == []


def test_the_tables_are_whole_sentences_and_waits_belong_to_later() -> None:
    for table in TABLES.values():
        for code, meaning in table.items():
            assert isinstance(meaning, Meaning) and meaning.words and code not in (0, "ok")
            assert (meaning.wait is not None) == (meaning.result is Result.LATER), code


@pytest.mark.parametrize("channel", [*TABLES])
def test_what_no_table_knows_is_tried_again(office: Office, channel: str) -> None:
    office.set_up(channel)
    told(office, channel, [499 if channel == kinds.MAIL else 999999])
    outcome = try_(office, channel)
    assert (outcome.result is Result.LATER and "999999" in outcome.reason) or "499" in outcome.reason


@pytest.mark.parametrize("channel", [kinds.WECHAT, kinds.WECOM])
def test_a_token_that_ended_is_renewed_on_the_way(office: Office, channel: str) -> None:
    office.set_up(channel)
    service = office.wechat if channel == kinds.WECHAT else office.wecom
    office.wecom.members["zhang"] = []
    to = office.wechat.follower().openid if channel == kinds.WECHAT else "zhang"
    assert try_(office, channel, to) == TAKEN
    service.expire()
    assert try_(office, channel, to) == TAKEN
    assert service.granted == 2
    assert try_(office, channel, to) == TAKEN
    assert service.granted == 2, "the new one is kept"


def test_a_token_that_is_refused_though_good_is_forced_anew(office: Office) -> None:
    office.set_up(kinds.WECHAT)
    to = office.wechat.follower().openid
    assert try_(office, kinds.WECHAT, to) == TAKEN
    office.wechat.moods.codes = [40001]
    assert try_(office, kinds.WECHAT, to) == TAKEN
    forced = [asked.body["force_refresh"] for asked in office.wechat.asked if asked.path.endswith("stable_token")]
    assert forced == [False, False, True]


def test_tokens_are_sealed_and_shared_by_processes(office: Office) -> None:
    office.set_up(kinds.WECHAT)
    to = office.wechat.follower().openid
    try_(office, kinds.WECHAT, to)
    token = office.wechat.token
    assert office.exits.tokens("dalad", "wechat").known("access_token") == token
    with office.town.database.read() as session:
        rows = session.connection().exec_driver_sql("SELECT value FROM channel_tokens").scalars().all()
    assert rows and all(token not in row for row in rows)


def test_the_subscription_notice_goes_where_the_template_may_not(office: Office) -> None:
    office.set_up(kinds.WECHAT, subscribe_id="SUBSCRIBE-1")
    person = office.wechat.follower()
    person.follows = False
    assert try_(office, kinds.WECHAT, person.openid) == TAKEN
    assert [body["template_id"] for body in person.shown] == ["SUBSCRIBE-1"]
    person.subscribed = False
    assert try_(office, kinds.WECHAT, person.openid).code == "43101"


def test_a_member_who_is_not_there_is_gone_though_the_service_says_ok(office: Office) -> None:
    office.set_up(kinds.WECOM)
    assert try_(office, kinds.WECOM, "nobody").result is Result.GONE


def test_robots_check_signatures(office: Office) -> None:
    office.robots.secret = "SEC-1"
    for channel in (kinds.DINGTALK, kinds.FEISHU):
        office.set_up(channel, keyword="提醒")
        assert try_(office, channel, secret="SEC-1") == TAKEN
        assert try_(office, channel, secret="SEC-2").result is Result.NEVER
        assert office.robots.said[channel] == ["提醒\n城建局 · DL-1\n工单 DL-1 待签收"]


def test_a_robots_address_is_sealed_in_the_database(office: Office) -> None:
    office.set_up(kinds.DINGTALK)
    office.robot(kinds.DINGTALK, secret="SEC-1")
    (point,) = office.points(kinds.DINGTALK)
    assert "access_token" not in point.address and "SEC-1" not in str(point.keys)
    clear = (office.robots.address(kinds.DINGTALK), {"secret": "SEC-1"})
    assert opened(office.exits.vault, point.address, point.keys) == clear


def test_the_gateway_checks_the_signature_and_sends_an_id_once(office: Office) -> None:
    office.set_up(kinds.SMS)
    assert [try_(office, kinds.SMS, "13800000001") for _ in range(2)] == [TAKEN, TAKEN]
    assert office.sms.phones == {"13800000001": ["【达拉特旗12345】城建局 · DL-1 工单 DL-1 待签收"]}
    office.set_up(kinds.SMS, secrets={"secret": "another"})
    assert try_(office, kinds.SMS, "13800000001").code == "bad_signature"


def test_a_letter_has_the_same_id_at_every_attempt(office: Office) -> None:
    office.set_up(kinds.MAIL)
    assert [try_(office, kinds.MAIL, "a@example.org") for _ in range(2)] == [TAKEN, TAKEN]
    assert {letter["Message-ID"] for letter in office.mail.letters} == {f"<{'t' * 32}@example.org>"}
    office.set_up(kinds.MAIL, secrets={"password": "wrong"})
    assert try_(office, kinds.MAIL, "a@example.org").code == "535"


@pytest.mark.parametrize("channel", [kinds.WECHAT, kinds.DINGTALK, kinds.SMS])
@pytest.mark.parametrize(("status", "result"), [(503, Result.LATER), (429, Result.LATER), (302, Result.NEVER)])
def test_what_http_says_counts_before_the_body(office: Office, channel: str, status: int, result: Result) -> None:
    office.set_up(channel)
    servers = {kinds.WECHAT: office.wechat, kinds.SMS: office.sms}
    servers.get(channel, office.robots).moods.statuses = [(status, {"Retry-After": "90", "Location": "http://x/"})]
    outcome = try_(office, channel)
    assert (outcome.result, outcome.code) == (result, str(status))
    assert outcome.wait == (timedelta(seconds=90) if result is Result.LATER else None)


def test_an_inner_address_is_called_only_when_the_operator_listed_it(office: Office) -> None:
    """A robot's or gateway's address is an administrator's to write; what is inside the house is not."""

    office.set_up(kinds.SMS)
    outside = Office(**{**vars(office), "config": replace(office.config, demo=False)})
    assert try_(outside, kinds.SMS).code == "url"
    allowed = replace(office.config, demo=False, inside_hosts=frozenset({"127.0.0.1"}))
    listed = Office(**{**vars(office), "config": allowed})
    assert try_(listed, kinds.SMS, "13800000001") == TAKEN
    office.set_up(kinds.MAIL)
    assert try_(outside, kinds.MAIL, "a@example.org").code == "inside"
    assert try_(listed, kinds.MAIL, "a@example.org") == TAKEN


def test_a_channel_switched_off_reaches_nobody(office: Office) -> None:
    office.set_up(kinds.SMS, False)
    assert isinstance(office.exits.channel("dalad", kinds.SMS), NullChannel)


def test_a_form_is_filled_in_so_that_the_service_takes_it(office: Office) -> None:
    """A daily summary has no deadline: a dash where a time is asked for would be refused (47003), another a lie."""
    form = "thing1=title;character_string2=number;time3=due_time;thing4=unit"
    office.set_up(kinds.WECHAT, template_form=form, plain_id="")
    to = office.wechat.follower()
    daily = replace(message(to.openid), facts={"title": "今日工单：待签收 4", "at_time": "2026-11-21 08:00"})
    sent = office.exits.channel("dalad", kinds.WECHAT).send(daily)
    assert sent.result is Result.NEXT and "无截止时间" in sent.reason and not to.shown
    office.set_up(
        kinds.WECHAT, template_form=form, plain_id="TEMPLATE-2", plain_form="thing1=title;time5=at_time;thing4=unit"
    )
    assert office.exits.channel("dalad", kinds.WECHAT).send(daily) == TAKEN
    assert to.shown[0]["template_id"] == "TEMPLATE-2"
    values = {name: entry["value"] for name, entry in to.shown[0]["data"].items()}
    assert values == {"thing1": "今日工单：待签收 4", "time5": "2026-11-21 08:00", "thing4": "—"}


def test_what_does_not_fit_leaves_out_what_another_field_says() -> None:
    """Two reminders of one ticket must not look the same on the lock screen."""
    facts = {"number": "DL-2026-0001", "left": "还有 4 小时", "due_time": "2026-11-21 05:14"}
    sign, back = "工单 DL-2026-0001 待签收，截止 11-21 05:14", "工单 DL-2026-0001 如不属本单位职责，最迟 11-21 申请退回"
    brief, whole = "thing1=title;time2=due_time", "thing1=title;character_string2=number;time3=due_time"
    filled = [
        forms.fill(form, facts | {"title": f"还有 4 小时：{text}"})["thing1"]
        for form in (brief, whole) for text in (sign, back)
    ]  # fmt: skip
    assert filled == [
        "工单 DL-2026-0001 待签收…", "工单 DL-2026-0001 如不属…",
        "待签收，截止 11-21 05:14", "如不属本单位职责，最迟 11-21 申…",
    ]  # fmt: skip
    assert (
        forms.fill("thing1=title", {"title": "还有 4 小时：待签收", "left": "还有 4 小时"})["thing1"]
        == "还有 4 小时：待签收"
    )


@pytest.mark.parametrize("channel", [kinds.DINGTALK, kinds.FEISHU])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_group_with_a_keyword_and_a_signature_says_which_of_them_is_wrong(office: Office, channel: str) -> None:
    office.set_up(channel)
    office.robots.secret = "SEC"
    assert "加签" in try_(office, channel, secret="another").reason
    office.robots.keyword = "工单提醒"
    assert "关键词" in try_(office, channel, secret="SEC").reason
    office.set_up(channel, keyword="工单提醒")
    assert try_(office, channel, secret="SEC") == TAKEN
    assert office.robots.said[channel][0].startswith("工单提醒\n")
