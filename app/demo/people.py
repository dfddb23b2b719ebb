"""The fictional towns of the demonstration, one per jurisdiction. Every name, number and address is invented."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PASSWORD: Final = "shangmen123"  # noqa: S105 - public on purpose: it opens only the demonstration's fictional data
_FOLDER: Final = Path(__file__).parent / "towns"
_ORDER: Final = ("dalad", "hedong", "uxin", "hukou", "xinqiao")


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who plays: `roles` are (unit, role, rank); with a `title` the account is offered to visitors."""

    key: str
    name: str
    phone: str
    roles: tuple[tuple[str, str, str | None], ...]
    title: str | None


@dataclass(frozen=True, slots=True)
class DemoTown:
    """One jurisdiction of the demonstration, as its file says it; `prefix` begins the numbers of its tickets."""

    profile: str
    name: str
    prefix: str
    place: dict[str, float]
    units: tuple[dict[str, Any], ...]
    people: tuple[DemoPerson, ...]
    tickets: tuple[dict[str, Any], ...]

    def above(self, unit: str) -> list[str]:
        """Return the unit's key and those of the units above it."""
        parents = {u["key"]: u.get("parent") for u in self.units}
        found: list[str] = []
        step: str | None = unit
        while step is not None:
            found.append(step)
            step = parents[step]
        return found

    def holder(self, unit: str, *roles: str) -> tuple[str, str]:
        """Return (person, role) of whoever holds one of the roles in the unit or, failing that, above it."""
        for place in self.above(unit):
            for role in roles:
                for person in self.people:
                    if any(held[:2] == (place, role) for held in person.roles):
                        return person.key, role
        raise LookupError(f"{self.profile}: nobody is {roles} of {unit}")


def _town(profile: str) -> DemoTown:
    content = tomllib.loads((_FOLDER / f"{profile}.toml").read_text("utf-8"))
    people = tuple(
        DemoPerson(p["key"], p["name"], p["phone"], tuple((*held, None)[:3] for held in p["roles"]), p.get("title"))
        for p in content["people"]
    )
    return DemoTown(
        profile=content["profile"],
        name=content["name"],
        prefix=content["prefix"],
        place=content["place"],
        units=tuple(content["units"]),
        people=people,
        tickets=tuple(content.get("tickets", ())),
    )


TOWNS: Final = tuple(_town(profile) for profile in _ORDER)
PEOPLE: Final = TOWNS[0].people
"""People of the first town, where the demonstration begins."""
ACCOUNTS: Final = [
    {"place": town.name, "role": person.title, "name": person.name, "phone": person.phone, "password": PASSWORD}
    for town in TOWNS
    for person in town.people
    if person.title
]
