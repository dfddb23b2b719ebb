"""Another unit's ticket does not exist: in no route, in no command, in no list. A stranger learns nothing."""

from __future__ import annotations

from typing import Any

import pytest
from examples import EXAMPLES, home, prepared
from scenario import World, photo

from app.ids import new_id
from app.people.permissions import ASSIST, PERMISSIONS
from app.tickets import lifecycle

pytestmark = pytest.mark.slow

SEEING = {"liaison", "reviewer", "leader", "chief", "station", "supervisor"}
ON_TICKETS = sorted(set(lifecycle.TRANSITIONS) - {"caller.reveal", "ticket.intake"})


@pytest.fixture(scope="module")
def theirs(shared: World) -> dict[str, str]:
    """A ticket of the town with a photo that has arrived and a reply."""
    ticket_id = shared.handling()
    content = photo(111)
    evidence_id = shared.liaison.declare(ticket_id, content, "before")
    assert shared.liaison.upload(evidence_id, content).status_code == 204
    return {"ticket": ticket_id, "evidence": evidence_id}


ROUTES: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/api/v1/tickets/{ticket}", {}),
    ("GET", "/api/v1/tickets/{ticket}/timeline", {}),
    ("GET", "/api/v1/tickets/{ticket}/copy-blocks", {}),
    ("GET", "/api/v1/deliveries/tickets/{ticket}", {}),
    ("GET", "/api/v1/tickets/{ticket}/reminders", {}),
    ("GET", "/api/v1/tickets/{ticket}/bundles", {}),
    ("GET", "/api/v1/oversight/tickets/{ticket}/findings", {}),
    ("POST", "/api/v1/tickets/{ticket}/caller", {"json": {"reason": "想知道"}}),
    ("GET", "/api/v1/evidence/{evidence}/original", {}),
    ("GET", "/api/v1/evidence/{evidence}/display", {}),
    ("GET", "/api/v1/evidence/{evidence}/thumb", {}),
    ("GET", "/api/v1/evidence/{evidence}/audio", {}),
    ("HEAD", "/files/{evidence}", {"headers": {"Tus-Resumable": "1.0.0"}}),
    ("PATCH", "/files/{evidence}", {
        "headers": {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
        "data": b"x"}),
    ("DELETE", "/files/{evidence}", {"headers": {"Tus-Resumable": "1.0.0"}}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "options"), ROUTES, ids=[f"{m} {p}" for m, p, _ in ROUTES])
def test_no_route_tells_a_stranger_from_a_ghost(
    shared: World, theirs: dict[str, str], method: str, path: str, options: dict[str, Any]
) -> None:
    ghost = {"ticket": new_id(), "evidence": new_id()}
    for who in ("neighbour", "admin"):
        phone = shared.phone(who)
        real = phone.call(method, path.format(**theirs), **options)
        none = phone.call(method, path.format(**ghost), **options)
        # To a phone, an unknown file is one to declare first; doubts are for supervisors alone, whichever ticket it is.
        expected = 409 if path.startswith("/files") else 403 if "/oversight/" in path else 404
        assert (real.status_code, none.status_code) == (expected, expected), (who, real.text)
        assert real.data == none.data
    assert shared.liaison.ticket(theirs["ticket"])["detail"]["evidence"][0]["received_bytes"] > 0, "nothing was harmed"


def test_every_route_on_a_ticket_or_its_evidence_is_asked_here(shared: World) -> None:
    asked = {(method, path.replace("{", "<").replace("}", ">")) for method, path, _ in ROUTES}
    known = {p.partition("/api/v1")[2] or p for _, p in asked}
    for rule in shared.app.url_map.iter_rules():
        # The demonstration's phones show tickets of its own making, and are not there without it (channels/test_stage).
        if not rule.rule.startswith("/demo/") and any(part in rule.rule for part in ("ticket_id", "evidence_id")):
            plain = rule.rule.replace("uuid:ticket_id", "ticket").replace("uuid:evidence_id", "evidence")
            plain = plain.replace("<any(display, thumb, audio):rendition>", "display")
            assert (plain.partition("/api/v1")[2] or plain) in known, rule.rule


@pytest.mark.parametrize("name", ON_TICKETS)
def test_no_command_tells_a_stranger_from_a_ghost(shared: World, name: str) -> None:
    world = home(shared, name)
    helper, scene, args = prepared(world, name)
    codes = {
        world.phone(who).refused(name, ticket_id, **args)
        for who in {"neighbour", "admin"} - {helper} for ticket_id in (scene.ticket_id, new_id())
    }  # fmt: skip
    assert codes == {"ticket_not_found"}


@pytest.mark.parametrize("name", ON_TICKETS)
def test_those_who_see_but_may_not_are_refused_by_name(shared: World, name: str) -> None:
    world = home(shared, name)
    _, scene, args = prepared(world, name)
    allowed = {role for role, relation in PERMISSIONS[name] if relation != ASSIST}
    seeing = {"supervisor", "station"} if EXAMPLES[name].stage == "registered" else SEEING
    for other in sorted(seeing - allowed):
        assert world.phone(other).refused(name, scene.ticket_id, **args) == "not_permitted", other


def test_lists_and_pulls_hold_only_ones_own(shared: World, theirs: dict[str, str]) -> None:
    mine = shared.dispatched(unit="water")
    for who, sees_theirs, sees_mine in (
        ("neighbour", False, True), ("liaison", True, False), ("leader", True, False), ("station", True, True),
        ("supervisor", True, True), ("admin", False, False),
    ):  # fmt: skip
        answer = shared.phone(who).call("GET", "/api/v1/tickets", query_string={"page_size": 100, "sort": "new"})
        listed = {t["id"] for t in answer.get_json()["tickets"]}
        assert (theirs["ticket"] in listed, mine in listed) == (sees_theirs, sees_mine), who
        assert sum(answer.get_json()["counts"].values()) >= len(listed)
        unit = shared.units["town"].id
        asked = shared.phone(who).call("GET", "/api/v1/tickets", query_string={"unit": unit}).get_json()["tickets"]
        # The neighbour helps on some of the town's tickets; on this one it does not.
        assert (theirs["ticket"] in {t["id"] for t in asked}) is sees_theirs
    pulled = {t["id"] for t in shared.phone("neighbour").pull()["tickets"]}
    assert mine in pulled and theirs["ticket"] not in pulled


def test_a_batch_answers_with_tickets_one_may_see_only(shared: World, theirs: dict[str, str]) -> None:
    neighbour = shared.phone("neighbour")
    command = neighbour.command("thread.post", theirs["ticket"], message_id=new_id(), text="偷看")
    answer = neighbour.send_batch([command])
    assert answer["tickets"] == [] and answer["receipts"][0]["ticket_version"] is None
