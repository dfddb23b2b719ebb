"""The demonstration's stage over real sockets: channels led to fakes, a phone to talk with, a ticket that climbs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from channels.live import Live
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.channels.exits import Exits
from app.channels.jobs import Post, opener, send_due
from app.cli import main
from app.db import Database
from app.demo import climb
from app.demo.people import TOWNS
from app.demo.seed import populate
from app.demo.stage.desk import StageDesk
from app.demo.stage.process import OnlyInDemonstration, run
from app.demo.stage.services import Stage, standing
from app.demo.stage.settings import Settings
from app.demo.stage.setup import openid_of, set_up, userid_of
from app.factory import create_app
from app.journal.models import Event
from app.people.models import Person
from app.policies.models import PolicyVersion
from app.reach.kinds import DINGTALK, FEISHU, MAIL, SMS, WECHAT, WECOM, WECOMBOT
from app.reach.models import ChannelSetting, ContactPoint
from app.reminders.jobs import tick
from app.reminders.models import FIRED, Notice, Reminder
from app.tickets.models import Ticket
from config import Config

TOWN = TOWNS[0]
PHONES = {person.key: person.phone for person in TOWN.people}
PACE = 14_400
"""20 hours in 5 seconds, a rung of the ladder every half."""


@dataclass
class Theatre:
    """The demonstration's first town without its tickets, its stage, and the product in front of it."""

    database: Database
    config: Config
    stage: Stage
    settings: Settings
    live: Live
    people: dict[str, str]

    def set_up(self) -> None:
        set_up(self.database, self.config, self.stage, self.settings, self.live.url, clock.now())

    def get(self, path: str, **options: object) -> requests.Response:
        return requests.get(f"{self.live.url}/demo{path}", timeout=20, allow_redirects=False, **options)  # type: ignore[arg-type]

    def post(self, path: str, **body: str) -> dict[str, str]:
        answer = requests.post(f"{self.live.url}/demo{path}", json=body, timeout=20)
        assert answer.ok, answer.text
        return answer.json()

    def say(self, who: str, words: str) -> str:
        return self.post("/say", openid=openid_of(PHONES[who]), place=TOWN.profile, text=words)["answer"]

    def shown(self, number: str) -> list[str]:
        """Who was shown something of the ticket on their own phone, in order, each once."""
        names = {}
        for key, phone in PHONES.items():
            names |= {openid_of(phone): key, userid_of(phone): key}
        found = [
            names[one["to"]]
            for one in self.stage.playbill.after(0)
            if one["to"] in names and number in str(one) and not one["mine"]
        ]
        return list(dict.fromkeys(found))

    def run_until(self, done: Callable[[], bool], seconds: float = 30) -> None:
        """Tick and deliver as relay and worker do, until something is so."""
        exits, deadline = Exits(self.config, self.database), time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, self.stage.playbill.after(0)
            tick(self.database, clock.now())
            send_due(Post(self.database, opener(exits), self.live.url, exits.vault))
            time.sleep(0.05)


@pytest.fixture
def theatre(database_url: str, config: Config, tmp_path: Path) -> Iterator[Theatre]:
    database, shown = Database(database_url), replace(config, demo=True, redis_url=None)
    with database.unit_of_work() as session:
        people = populate(session, TOWN, "-").persons
    settings = Settings.read(tmp_path)
    with standing(settings) as stage, Live(shown, database) as live, StageDesk(stage, live.url) as desk:
        settings.ports = {**stage.ports, "desk": desk.port}
        shown.var_dir.mkdir(parents=True)
        settings.write(shown.var_dir)
        found = Theatre(database, shown, stage, settings, live, people)
        found.set_up()
        yield found
    database.engine.dispose()


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_sqlite
@pytest.mark.clause("A4")
@pytest.mark.clause("D3.3", partial="未签收的提醒逐级上报；移动办公的其余部分另测")
def test_a_ticket_climbs_from_a_to_the_station_in_order(theatre: Theatre) -> None:
    """The real engine, at the real instants: nothing but the lengths of time is the demonstration's."""
    begun = climb.begin(theatre.database, clock.now(), PACE)
    theatre.run_until(lambda: "station" in theatre.shown(begun.number))
    assert theatre.shown(begun.number) == ["liaison", "liaison_b", "leader", "station"]
    with theatre.database.read() as session:
        events = session.execute(
            select(Event.name, Event.at).where(Event.subject_id == begun.ticket_id).order_by(Event.subject_seq)
        ).all()
        fired = list(
            session.scalars(select(Reminder).where(Reminder.ticket_id == begun.ticket_id, Reminder.state == FIRED))
        )
        place = session.scalars(select(PolicyVersion.id).where(PolicyVersion.profile == TOWN.profile)).all()
    assert [name for name, _ in events][:3] == ["ticket.taken_in", "ticket.dispatched", "demo.hastened"]
    assert [at for _, at in events] == sorted(at for _, at in events) and events[-1].at <= clock.now()
    assert all(row.settled_at is not None and row.settled_at >= row.fire_at for row in fired)
    assert place == ["dalad@2"], "no version of the town itself was touched"


@on_sqlite
def test_a_signature_from_the_chat_stops_the_climb(theatre: Theatre) -> None:
    begun = climb.begin(theatre.database, clock.now(), PACE)
    theatre.run_until(lambda: "liaison_b" in theatre.shown(begun.number))
    assert "已签收" in theatre.say("liaison_b", f"签收 {begun.number}")
    stopped = clock.now()
    theatre.run_until(lambda: clock.now() > begun.sign_by)
    assert theatre.shown(begun.number) == ["liaison", "liaison_b"]
    with theatre.database.read() as session:
        assert session.get_one(Ticket, begun.ticket_id).signed_at is not None
        of_signing = Notice.kind.in_(("new_ticket", "sign_due", "sign_overdue"))
        later = select(func.count()).where(Notice.ticket_id == begun.ticket_id, Notice.at > stopped, of_signing)
        assert session.scalar(later) == 0
    steps = theatre.get(f"/climb/{begun.ticket_id}").json()
    assert steps["signed_at"] and {s["kind"] for s in steps["steps"] if s["state"] == "planned"}.isdisjoint(
        {"sign_due"}
    )


@on_sqlite
def test_the_conversation_works_out_of_the_box(theatre: Theatre) -> None:
    number = theatre.post("/climb")["number"]
    assert theatre.say("liaison", "待办").startswith(f"待办 1 张：\n{number} 待签收")
    assert theatre.say("liaison", number).startswith(f"{number} 待签收")
    assert "可发送" in theatre.say("liaison", "帮助")
    assert "已签收" in theatre.say("liaison", f"签收 {number}")
    assert "还没有绑定" in theatre.say("admin", "待办")
    seen = theatre.get("/shown").json()["shown"]
    assert [one["mine"] for one in seen if one["to"] == openid_of(PHONES["liaison"])] == [True, False] * 4


@on_sqlite
def test_every_channel_passes_its_test_and_is_left_alone_the_second_time(theatre: Theatre) -> None:
    admin = theatre.people["admin"]
    for channel in (WECHAT, WECOM, SMS, MAIL, DINGTALK, FEISHU, WECOMBOT):
        tried = theatre.live.call(admin, "POST", f"/channels/{channel}/test").json()
        assert tried.get("ok"), (channel, tried)
    assert {one["channel"] for one in theatre.stage.playbill.after(0)} == {SMS, MAIL, DINGTALK, FEISHU, WECOMBOT}

    def written() -> int:
        with theatre.database.read() as session:
            return session.scalar(select(func.count()).select_from(Event)) or 0

    before = written()
    theatre.set_up()
    assert written() == before, "a second start changes nothing"
    with theatre.database.unit_of_work() as session:
        row = session.get_one(ChannelSetting, (TOWN.profile, SMS))
        row.options = {**row.options, "url": "https://gateway.example.org/send"}
    theatre.set_up()
    with theatre.database.read() as session:
        kept = session.get_one(ChannelSetting, (TOWN.profile, SMS)).options["url"]
    assert kept == "https://gateway.example.org/send", "what a visitor set up is theirs"


@on_sqlite
def test_new_ports_are_followed(theatre: Theatre, tmp_path: Path) -> None:
    """The machine was started anew, and others have the ports now."""
    with standing(Settings(secrets=theatre.settings.secrets)) as moved:
        set_up(theatre.database, theatre.config, moved, theatre.settings, theatre.live.url, clock.now())
        theatre.stage.wechat.moods.down = theatre.stage.robots.moods.down = True
        for channel in (WECHAT, DINGTALK):
            tried = theatre.live.call(theatre.people["admin"], "POST", f"/channels/{channel}/test").json()
            assert tried.get("ok"), tried
        assert [one["channel"] for one in moved.playbill.after(0)] == [DINGTALK]


@on_sqlite
@pytest.mark.parametrize("service", [WECHAT, WECOM])
def test_somebody_binds_through_the_page_of_the_fake(theatre: Theatre, service: str) -> None:
    admin, account = theatre.people["admin"], {WECHAT: openid_of, WECOM: userid_of}[service](PHONES["admin"])
    url = theatre.live.call(admin, "POST", "/channels/bindings", json={"channel": service}).json()["url"]
    page = requests.get(url, timeout=20)
    assert page.ok and "授权" in page.text
    hrefs = [part.split('"')[0].replace("&amp;", "&") for part in page.text.split('href="')[1:]]
    chosen = next(href for href in hrefs if account in href)
    sent_back = requests.get(f"{theatre.live.url}{chosen}", timeout=20, allow_redirects=False)
    done = requests.get(sent_back.headers["Location"], timeout=20, allow_redirects=False)
    assert parse_qs(urlsplit(done.headers["Location"]).query)["outcome"] == ["ok"]
    with theatre.database.read() as session:
        mine = session.scalars(select(ContactPoint.address).where(ContactPoint.person_id == admin)).all()
    assert mine == [account]
    people = {p["phone"]: p["bound"] for p in theatre.get("/people").json()["towns"][0]["people"]}
    assert (people[PHONES["admin"]], people[PHONES["leader"]], people[PHONES["liaison"]]) == (service, WECOM, WECHAT)
    elsewhere = f"/{service}/agree?account={account}&redirect_uri=https://evil.example.org/oauth/"
    assert theatre.get(elsewhere).json()["code"] == "demo_way_back_wrong"


@on_sqlite
def test_a_stage_that_is_away_is_said_so(theatre: Theatre) -> None:
    theatre.settings.ports["desk"] = 1
    theatre.settings.write(theatre.config.var_dir)
    answer = theatre.get("/shown")
    assert (answer.status_code, answer.json()["code"]) == (503, "demo_stage_away")


@on_sqlite
def test_a_production_start_has_none_of_it(config: Config, app: Flask, database_url: str) -> None:
    with pytest.raises(OnlyInDemonstration):
        run(config, "http://127.0.0.1:1")
    client = app.test_client()
    for path in ("/demo", "/demo/people", "/demo/shown", "/demo/files/phones.js", "/demo/wechat/agree"):
        answer = client.get(path)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found"), path
    for path in ("/demo/say", "/demo/climb"):
        assert client.post(path, json={}).status_code == 404, path
    shown = create_app(replace(config, demo=True)).test_client()
    page = shown.get("/demo")
    assert page.status_code == 200 and "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert shown.post("/demo/climb").get_json()["code"] == "demo_not_seeded"


@on_sqlite
def test_what_a_visitor_broke_does_not_keep_the_stage_from_standing(theatre: Theatre) -> None:
    with theatre.database.unit_of_work() as session:
        session.get_one(Person, theatre.people["admin"]).disabled_at = clock.now()
    with standing(Settings(secrets=theatre.settings.secrets)) as moved:
        set_up(theatre.database, theatre.config, moved, theatre.settings, theatre.live.url, clock.now())
        assert openid_of(PHONES["liaison"]) in moved.wechat.followers


@on_sqlite
def test_the_command_begins_a_climb_and_only_in_the_demonstration(theatre: Theatre, tmp_path: Path) -> None:
    env = {"DATABASE_URL": theatre.config.database_url, "SECRET_KEY": theatre.config.secret_key, "DEMO": "1"}
    begun = CliRunner().invoke(main, ["climb", "--no-watch"], env=env)
    assert begun.exit_code == 0 and "已派单 DL-X" in begun.output, begun.output
    refused = CliRunner().invoke(main, ["climb"], env=env | {"DEMO": "0"})
    assert refused.exit_code == 1 and "DEMO=1" in refused.output
    refused = CliRunner().invoke(main, ["fakes", "--app", "http://127.0.0.1:1"], env=env | {"DEMO": "0"})
    assert refused.exit_code == 1 and "正式部署不需要" in refused.output
    env["DATABASE_URL"] = f"sqlite:///{tmp_path / 'empty.db'}"
    assert CliRunner().invoke(main, ["migrate"], env=env).exit_code == 0
    refused = CliRunner().invoke(main, ["climb"], env=env)
    assert refused.exit_code == 1 and "没有演示数据" in refused.output
