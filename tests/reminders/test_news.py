"""What concerns no ticket reaches the station's inbox, once."""

from __future__ import annotations

import pytest
from lasting import shared
from scenario import World
from sqlalchemy import select

from app import clock
from app.ids import new_id
from app.journal.models import Event
from app.reminders.news import NEWS, tell_station
from app.reminders.roster_news import ROSTER
from app.subscribers import REACTIONS, TELL_STATION

__all__ = ["shared"]


def last_event(world: World, name: str) -> int:
    with world.database.read() as session:
        query = select(Event.seq).where(Event.name == name).order_by(Event.seq.desc()).limit(1)
        return session.scalars(query).one()


def titles(world: World, who: str) -> list[str]:
    return [notice["title"] for notice in world.phone(who).pull()["inbox"]]


def test_an_event_told_twice_stands_once_in_the_inbox(shared: World) -> None:
    shared.liaison.do("person.change_phone", person_id=shared.liaison.person_id, phone="13922220001")
    seq = last_event(shared, "person.phone_changed")
    for _ in range(2):
        tell_station(shared.database, seq, clock.now())
    assert titles(shared, "station").count("联络员甲的联系电话已变更") == 1
    notice = next(n for n in shared.station.pull()["inbox"] if n["title"].startswith("联络员甲"))
    assert notice["body"] == "树林召镇人民政府：139****0001 → 139****0001"
    assert "13922220001" not in notice["body"]


def test_who_made_the_change_and_whose_number_leads_to_no_unit_make_no_news(shared: World) -> None:
    before = titles(shared, "station")
    deputy, supervisor = shared.people["deputy"], shared.phone("supervisor")
    shared.station.do("person.change_phone", person_id=deputy.id, phone="13922220002")
    tell_station(shared.database, last_event(shared, "person.phone_changed"), clock.now())
    supervisor_id = shared.people["supervisor"].id
    shared.phone("admin").do("person.change_phone", person_id=supervisor_id, phone="13922220003")
    tell_station(shared.database, last_event(shared, "person.phone_changed"), clock.now())
    assert titles(shared, "station") == before
    assert supervisor.pull()["inbox"] == []


def test_a_handover_names_both_people_and_the_tickets(shared: World) -> None:
    number = f"H{new_id()[-8:]}"
    shared.handling(number=number)
    pair = {"from_person_id": shared.people["liaison"].id, "to_person_id": shared.people["deputy"].id}
    shared.liaison.do("handover.execute", handover_id=new_id(), note="休假", **pair)
    tell_station(shared.database, last_event(shared, "handover.executed"), clock.now())
    notice = next(n for n in shared.station.pull()["inbox"] if n["title"] == "工作交接：联络员甲 → 联络员乙")
    assert notice["body"] == f"1 张未办结工单：{number}"


@pytest.mark.parametrize("unknown", ["ticket.signed", None])
def test_other_events_and_gone_ones_make_no_news(shared: World, unknown: str | None) -> None:
    before = titles(shared, "station")
    shared.handling()
    tell_station(shared.database, last_event(shared, unknown) if unknown else 10**9, clock.now())
    assert titles(shared, "station") == before


def test_every_reaction_to_tell_the_station_has_its_words() -> None:
    asked = {name for name, reactions in REACTIONS.items() if any(r.task == TELL_STATION for r in reactions)}
    assert asked == {*NEWS, *ROSTER}
