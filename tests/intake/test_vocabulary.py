"""Kinds and sources are the profile's: by hand, from a file, from a platform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from intake import exports
from intake.conftest import Office
from intake.test_platform import Platform, request_
from lasting import ENGINES, fresh_database, world_on
from scenario import World

from app.ids import new_id
from app.intake.translate import vocabulary_of
from app.policies.queries import latest_policy_id, policy_of


@pytest.fixture(scope="module", params=ENGINES)
def two_places(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, World]]:
    """A place whose profile lists neither kinds nor sources, and one that lists both, in one deployment."""
    folder = tmp_path_factory.mktemp("two")
    with fresh_database(request.param, request, folder) as url:
        dalad = world_on(url, folder, demo=True)
        yield dalad, World(dalad.app, "hedong")
        dalad.database.engine.dispose()


def taken(world: World, **args: Any) -> dict[str, Any]:
    return world.station.try_("ticket.intake", new_id(), **world.intake_args(**args))


@pytest.mark.clause("A7", partial="kinds and sources of an intake only")
def test_what_one_place_lists_another_need_not_know(two_places: tuple[World, World]) -> None:
    dalad, hedong = two_places
    assert taken(hedong, kind="praise", source="provincial")["status"] == "applied"
    assert taken(dalad, source="广播电台")["status"] == "applied"
    for world, args, said in (
        (dalad, {"kind": "praise"}, "诉求类型 praise"),
        (hedong, {"source": "广播电台"}, "来源 广播电台"),
        (hedong, {"priority": "mayor_line", "source": "12345"}, "优先级 mayor_line"),
    ):
        receipt = taken(world, **args)
        assert receipt["code"] == "command_invalid" and said in receipt["message"]


def test_labels_in_a_file_become_the_places_own_keys(two_places: tuple[World, World]) -> None:
    office = Office(two_places[1])
    rows = [
        exports.line(诉求类型="表扬", 来源="省级热线"),
        exports.line(诉求类型="投诉举报", 来源="接诉即办"),
        exports.line(诉求类型="举报件", 来源="12345热线"),
        exports.line(来源="广播电台"),
        exports.line(诉求类型="report", 来源="INSTANT"),
    ]
    file_id = office.upload(exports.xlsx(rows))
    found = [(row["state"], row["faults"][0]["text"] if row["faults"] else "") for row in office.rows(file_id)[1:]]
    assert [state for state, _ in found] == ["ready", "refused", "ready", "refused", "ready"]
    assert "省级热线、接诉即办" in found[3][1] and "表扬" in found[1][1]
    office.confirm(file_id)
    told = [(t["kind"], t["source"]) for t in (office.ticket(rows[i][0]) for i in (0, 2, 4))]
    assert told == [("praise", "provincial"), ("report", "12345"), ("report", "instant")]


def test_labels_from_a_platform_too(two_places: tuple[World, World]) -> None:
    office = Office(two_places[1])
    city = Platform(office)
    results = city.send({"tickets": [request_(source="省级热线", priority="紧急件"), request_(source="广播电台")]})
    assert [r["status"] for r in results] == ["taken", "refused"]
    assert office.station.ticket(results[0]["ticket_id"])["source"] == "provincial"
    assert json.dumps(results[1], ensure_ascii=False).count("广播电台") == 1


@pytest.mark.parametrize("profile", ["dalad", "hedong", "uxin", "hukou", "xinqiao"])
def test_every_place_understands_its_own_labels_and_the_usual_ones(
    two_places: tuple[World, World], profile: str
) -> None:
    with two_places[0].database.read() as session:
        policy = policy_of(session, latest_policy_id(session, profile))
    words = vocabulary_of(policy)
    for name, options in (("kind", policy.kinds), ("source", policy.sources), ("priority", policy.priorities)):
        for option in options:
            assert words.key_of(name, option.label) == words.key_of(name, option.key) == option.key
    for label, key in (("咨询", "consult"), ("求助类", "help"), ("投诉", "complaint"), ("建议", "suggestion")):
        assert words.key_of("kind", label) == key
    assert words.key_of("source", "12345") == "12345"
