"""Building blocks of a profile: a value with its clause, a choice, a length, a form field. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A fact with its clause, e.g. `二(一)`; `assumed` where the notice is silent and a local convention fills in."""

    cite: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Option(Cited):
    """One choice of a list."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Length(Cited):
    """Least and most characters of a text; the least counts what is left without punctuation and blanks."""

    min: int
    max: int


@dataclass(frozen=True, slots=True)
class Phrases(Cited):
    """Wording that says nothing: a text made only of `phrases` and `fillers` is refused."""

    phrases: tuple[str, ...]
    fillers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReplyField(Cited):
    """One field of a form: `format` is text, phone (a number one can call) or person (a name)."""

    key: str
    label: str
    format: str
    required: bool
    hint: str = ""
