"""The whole table of who may do what in which state, every cell tried, against the one written down in commands.txt.

A refused cell is tried through the command's own function, as the door would call it; an allowed one through the gate
that every such function asks first. `python tests/architecture/test_table_of_commands.py` prints the table as the
program has it, for comparing and for taking over what was meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from world import START, World

from app.clock import Moment
from app.db import Database
from app.ids import new_id
from app.people.models import Unit
from app.people.permissions import ABOVE, AROUND, ASSIST, HERE, LEADING, PERMISSIONS, ROLES, Actor, Grant, judge, sees
from app.problems import ALLOWED, Problem
from app.sync.registry import REGISTRY
from app.tickets import lifecycle
from app.tickets.case import open_case
from app.tickets.lifecycle import LABELS, TRANSITIONS
from app.tickets.models import Assist, Ticket

DECLARED = Path(__file__).with_name("commands.txt")
MARKS = {HERE: "", ABOVE: "^", AROUND: "*", ASSIST: "+"}
PLACES = ("here", "over", "helping", "there")
"""Where the actor stands: in the ticket's unit, in one over it, in one that assists, in a stranger's."""
NO_STATE = "-"
STATES = {"any": tuple(LABELS), "open": tuple(state for state in LABELS if lifecycle.is_open(state))}
AT = Moment(received=START, claimed=START, counted=START, command_id=new_id())


@dataclass(frozen=True)
class Row:
    """One line of the table: who may, in which states (none for what concerns no ticket), and where it leads."""

    who: tuple[str, ...]
    states: tuple[str, ...]
    target: str


def read() -> dict[str, Row]:
    rows = {}
    for line in DECLARED.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            command, who, states, target = (cell.strip() for cell in line.split("|"))
            assert command not in rows, f"{command} stands twice"
            rows[command] = Row(tuple(who.split()), STATES.get(states, tuple(states.split())), target)
    return rows


def present() -> dict[str, Row]:
    """The table as the program has it."""
    rows = {}
    for command, permitted in PERMISSIONS.items():
        transition = TRANSITIONS.get(command)
        who = tuple(role + MARKS[relation] for role, relation in permitted)
        states = (NO_STATE,) if transition is None else tuple(s for s in LABELS if s in transition.sources) or ("new",)
        ways = [transition.target] if transition else []
        ways += [row.target for row in lifecycle.OUTCOMES if row.command == command]
        rows[command] = Row(who, states, " ".join(dict.fromkeys(way for way in ways if way)))
    return rows


def render() -> str:
    names = {states: name for name, states in STATES.items()}
    lines = [
        f"{command:<23} | {' '.join(row.who):<61} | {names.get(row.states) or ' '.join(row.states):<54} | {row.target}"
        for command, row in present().items()
    ]
    return "\n".join(lines)


def allowed(row: Row, role: str, place: str, unit: bool) -> bool:
    """Whether the table lets somebody of that role and place do it; `unit`: a unit has the ticket."""
    if role + MARKS[AROUND] in row.who or (role + MARKS[ASSIST] in row.who and place == "helping"):
        return True
    here = unit and place == "here" and (role in row.who or role + MARKS[ABOVE] in row.who)
    return here or (unit and place == "over" and role in LEADING and role + MARKS[ABOVE] in row.who)


def in_sight(role: str, place: str, unit: bool) -> bool:
    """Whether somebody of that role and place may know of the ticket at all."""
    if role in ("station", "supervisor"):
        return True
    works, leads = role in ("liaison", *LEADING), role in LEADING
    return (works and place == "helping") or (unit and ((works and place == "here") or (leads and place == "over")))


class Town:
    """One ticket in every state, assisted by a unit, and somebody of every role in every place."""

    def __init__(self, database: Database) -> None:
        self.world = World(database)
        units = self.world.units | {"over": new_id(), "helping": new_id()}
        self.tickets = {state: self.world.dispatched() for state in LABELS}
        with database.unit_of_work() as session:
            for name in ("over", "helping"):
                session.add(Unit(id=units[name], jurisdiction_id="dalad", name=name, level=2))
            session.flush()
            session.execute(update(Unit).where(Unit.id == units["office"]).values(parent_id=units["over"]))
            for state, ticket_id in self.tickets.items():
                values: dict[str, Any] = {"state": state} | ({} if has_unit(state) else {"unit_id": None})
                session.execute(update(Ticket).where(Ticket.id == ticket_id).values(**values))
                session.add(assist(ticket_id, units["office"], units["helping"], self.world.people["station"]))
        names = {"here": "office", "over": "over", "helping": "helping", "there": "elsewhere"}
        self.units = {place: units[name] for place, name in names.items()}

    def actor(self, role: str, place: str) -> Actor:
        below = frozenset({self.units["here"]} if place == "over" and role in LEADING else ())
        grant = Grant(role, self.units[place], below=below)
        return Actor(self.world.people["stranger"], "某人", "dalad", None, (grant,))


def has_unit(state: str) -> bool:
    return state != lifecycle.REGISTERED


def assist(ticket_id: str, lead: str, helper: str, by: str) -> Assist:
    return Assist(
        id=new_id(), ticket_id=ticket_id, unit_id=helper, kind="assist", asking_unit_id=lead, asked_by=by,
        asked_at=START, what="请协助",
    )  # fmt: skip


class Anything(dict[str, Any]):
    """Arguments of which only the ticket matters: a command that is refused must not have looked at the others."""

    def __missing__(self, key: str) -> Any:
        raise AssertionError(f"looked at {key!r} before asking whether the actor may")


@pytest.fixture(scope="module")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """On one engine: neither the table nor the gate knows which."""
    path = tmp_path_factory.mktemp("table") / "town.db"
    path.write_bytes(Path(sqlite_template).read_bytes())
    return Town(Database(f"sqlite:///{path}"))


def test_no_command_and_no_cell_is_undeclared() -> None:
    declared, now = read(), present()
    assert list(declared) == list(now), "commands.txt and the program name other commands"
    for command, row in now.items():
        assert declared[command] == row, f"{command}: commands.txt says {declared[command]}, the program {row}"
    assert set(REGISTRY) <= set(declared) and set(TRANSITIONS) <= set(declared)


def test_every_name_in_the_table_is_known() -> None:
    for command, row in read().items():
        assert {who.rstrip("^*+") for who in row.who} <= set(ROLES), command
        assert set(row.states) <= {*LABELS, NO_STATE, "new"}, command


@pytest.mark.parametrize("command", [c for c in PERMISSIONS if c in TRANSITIONS and TRANSITIONS[c].sources])
def test_every_role_in_every_state(town: Town, command: str) -> None:
    row = read()[command]
    with town.world.database.read() as session:
        for state, role, place, expected in _cells(row):
            found = _try(session, town.actor(role, place), command, town.tickets[state], expected is None)
            assert found == expected, f"{role} {place} · {command} · {state}: {found}, declared {expected}"


def _cells(row: Row) -> Iterator[tuple[str, str, str, str | None]]:
    """Every state, role and place, with the code that the table means; None where the command goes on."""
    for state in LABELS:
        for role in ROLES:
            for place in PLACES:
                unit = has_unit(state)
                if not in_sight(role, place, unit):
                    yield state, role, place, "ticket_not_found"
                elif not allowed(row, role, place, unit):
                    yield state, role, place, "not_permitted"
                else:
                    yield state, role, place, None if state in row.states else "state_wrong"


def _try(session: Session, actor: Actor, command: str, ticket_id: str, may: bool) -> str | None:
    try:
        if may or command not in REGISTRY:  # a reveal is no command of the queue; it asks the same gate
            open_case(session, actor, command, ticket_id, AT)
        else:
            REGISTRY[command][1](session, actor, Anything(ticket_id=ticket_id), AT)
    except Problem as problem:
        whole = problem.message.endswith("。") and "—" not in problem.message
        return problem.code if whole else f"{problem.code}, but says only {problem.message}"
    return None


@pytest.mark.parametrize("command", [c for c in PERMISSIONS if c not in TRANSITIONS or not TRANSITIONS[c].sources])
def test_every_role_where_no_ticket_is_concerned(town: Town, command: str) -> None:
    row, here = read()[command], town.units["here"]
    for role in ROLES:
        for place in PLACES:
            verdict = judge(town.actor(role, place), command, "dalad", here, "操作", [town.units["helping"]])
            assert (verdict == ALLOWED) is allowed(row, role, place, True), (role, place)
            assert judge(town.actor(role, place), command, "elsewhere", here, "操作") != ALLOWED


def test_nobody_of_another_jurisdiction_sees_anything(town: Town) -> None:
    for role in ROLES:
        for place in PLACES:
            assert not sees(town.actor(role, place), "elsewhere", list(town.units.values()))


if __name__ == "__main__":
    print(render())  # noqa: T201
