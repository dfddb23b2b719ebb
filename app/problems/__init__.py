"""Every refusal and error of Doorstep: its stable code, HTTP status and Chinese sentence.

One catalogue for problem+json (RFC 9457), for refused commands' receipts and, exported at build time, for the
phone's own pre-checks. A sentence tells a tired liaison what is wrong and what to do; `{name}` are facts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from app.problems.common import COMMON
from app.problems.evidence import EVIDENCE
from app.problems.fieldwork import FIELDWORK
from app.problems.intake import INTAKE
from app.problems.replies import REPLIES
from app.problems.requests import REQUESTS
from app.problems.roster import ROSTER
from app.problems.settings import SETTINGS
from app.problems.spot_checks import SPOT_CHECKS
from app.problems.tickets import TICKETS

CATALOGUE: Final[dict[str, tuple[int, str]]] = (
    COMMON | TICKETS | EVIDENCE | FIELDWORK | REPLIES | REQUESTS | INTAKE | SPOT_CHECKS | SETTINGS | ROSTER
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Verdict: the command may go on."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Verdict: the command may not go on; `code` is in `CATALOGUE`, `facts` fill its sentence."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in CATALOGUE:
            raise KeyError(f"problem code {self.code!r} is not in the catalogue")


Verdict = Allowed | Refused
ALLOWED: Final = Allowed()


class Problem(Exception):
    """A refusal or fault on its way to the caller; nothing it interrupts is kept."""

    def __init__(self, code: str, /, errors: dict[str, Any] | None = None, **facts: Any) -> None:
        super().__init__(code)
        if code not in CATALOGUE:
            raise KeyError(f"problem code {code!r} is not in the catalogue")
        self.code = code
        self.facts = facts
        self.errors = errors

    @property
    def status(self) -> int:
        """HTTP status of the code."""
        return CATALOGUE[self.code][0]

    @property
    def message(self) -> str:
        """The Chinese sentence with its facts filled in."""
        return sentence(self.code, self.facts)


# Receipts from before these facts were said, and refusals that name nobody, still tell what to do.
_UNSAID: Final = {"by": "有权办理的岗位", "next": "请打开工单，看现在由谁办理、下一步是什么"}


class _Gap(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return _UNSAID.get(key, "—")


def sentence(code: str, facts: dict[str, Any]) -> str:
    """Return the sentence of `code` with `facts` filled in; a missing fact reads as a dash, never as an error."""
    return CATALOGUE[code][1].format_map(_Gap(facts))


def require(verdict: Verdict) -> None:
    """Raise `Problem` when the verdict is a refusal."""
    if isinstance(verdict, Refused):
        raise Problem(verdict.code, **verdict.facts)
