"""What follows what: event → tasks. The one place where events meet jobs; read it as a table of contents.

Reminders of tickets stand not here: their tick plans from state and finds every delivery that is due, so that nothing
depends on an event having been seen (see `app.relay_process`).
"""

from __future__ import annotations

from typing import Final

from app.bundles import jobs as bundles
from app.evidence import prints
from app.intake import outcomes
from app.journal.relay import Happened, Planner, Reaction
from app.oversight.escalations import jobs as escalations
from app.oversight.findings import jobs as findings
from app.reminders import runs
from app.sealing import stamps


def _evidence(event: Happened) -> list[str]:
    return [event.payload["evidence_id"]]


def _file(event: Happened) -> list[str]:
    return [event.payload["file_id"]]


def _delivery(event: Happened) -> list[str]:
    return [event.payload["delivery_id"]]


def _bundle(event: Happened) -> list[str]:
    return [event.payload["bundle_id"]]


def _run(event: Happened) -> list[str]:
    return [event.payload["run_id"]]


def _run_if_any(event: Happened) -> list[str]:
    """Published before reminders followed: there is no run."""
    return [event.payload["run_id"]] if "run_id" in event.payload else []


def _ticket(event: Happened) -> list[str]:
    return [event.subject_id]


def _itself(event: Happened) -> list[str]:
    return [str(event.seq)]


RENDER: Final = "render"
PRINTS: Final = prints.TASK
"""Follows no event: the relay asks for it when photos of before an upgrade have no print yet."""
PUSH: Final = "push"
TELL_STATION: Final = "tell_station"
ESCALATE: Final = escalations.TASK
RECOMPUTE: Final = "recompute"
TELL_UNITS: Final = "tell_units"
INTAKE: Final = "intake"
WEBHOOK: Final = outcomes.TASK
STAMP: Final = stamps.TASK
REPLAN: Final = runs.TASK
FINDINGS: Final = findings.LOOK
FINDINGS_BACK: Final = findings.LOOK_BACK
FINDINGS_AGAIN: Final = findings.RECOMPUTE
BUNDLE: Final = bundles.TASK

REACTIONS: Final[dict[str, tuple[Reaction, ...]]] = {
    # The bytes are whole and match their hash: look at them, make renditions, or say why not (A6).
    "evidence.received": (Reaction(RENDER, _evidence),),
    "inspection.photo_received": (Reaction(RENDER, _evidence),),
    # What is doubtful about it is looked for once it can be seen or heard, and again when what it is compared with
    # changes: never a reason to refuse it, and nothing that its unit hears of (A5, U4.8).
    "evidence.rendered": (Reaction(FINDINGS, _ticket),),
    "evidence.rejected": (Reaction(FINDINGS, _ticket),),
    "evidence.withdrawn": (Reaction(FINDINGS, _ticket),),
    "visit.recorded": (Reaction(FINDINGS, _ticket),),
    "contact.recorded": (Reaction(FINDINGS, _ticket),),
    # Who answers the phone, or signs, has changed: the station is told, and who is concerned (六(一), 六(二), X2.6).
    "person.phone_changed": (Reaction(TELL_STATION, _itself),),
    "membership.assigned": (Reaction(TELL_STATION, _itself),),
    "membership.ended": (Reaction(TELL_STATION, _itself),),
    "handover.executed": (Reaction(TELL_STATION, _itself),),
    "person.disabled": (Reaction(TELL_STATION, _itself),),
    "unit.reach_changed": (Reaction(TELL_STATION, _itself),),
    "unit.renamed": (Reaction(TELL_STATION, _itself),),
    "unit.closed": (Reaction(TELL_STATION, _itself),),
    "deputation.appointed": (Reaction(TELL_STATION, _itself),),
    "deputation.ended": (Reaction(TELL_STATION, _itself),),
    # So has who is on duty; what two colleagues have not settled yet concerns only them (D6.1, U5.1).
    "duty.set": (Reaction(TELL_STATION, _itself),),
    "duty.cleared": (Reaction(TELL_STATION, _itself),),
    "duty.planned": (Reaction(TELL_STATION, _itself),),
    "swap.asked": (Reaction(TELL_STATION, _itself),),
    "swap.agreed": (Reaction(TELL_STATION, _itself),),
    "swap.declined": (Reaction(TELL_STATION, _itself),),
    "swap.withdrawn": (Reaction(TELL_STATION, _itself),),
    "leave.taken": (Reaction(TELL_STATION, _itself),),
    "leave.ended": (Reaction(TELL_STATION, _itself),),
    # A unit is called in, and the one that called is answered; somebody above is asked to look (X2.3, X2.4, K3.10).
    "assist.asked": (Reaction(TELL_UNITS, _itself),),
    "assist.reported": (Reaction(TELL_UNITS, _itself),),
    "escalation.raised": (Reaction(TELL_UNITS, _itself),),
    "escalation.lifted": (Reaction(TELL_UNITS, _itself),),
    # A verdict reaches the unit, and what the unit says to it the supervisors (A5).
    "inspection.told": (Reaction(TELL_UNITS, _itself),),
    "inspection.rectified": (Reaction(TELL_UNITS, _itself),),
    "inspection.appealed": (Reaction(TELL_UNITS, _itself),),
    "inspection.reviewed": (Reaction(TELL_UNITS, _itself),),
    "inspection.appeal_decided": (Reaction(TELL_UNITS, _itself),),
    # Other rules are in force: people are reminded by them from now on, of running tickets too (A4).
    "policy.published": (Reaction(REPLAN, _run_if_any),),
    "policy.replan_asked": (Reaction(REPLAN, _run),),
    # Other days are worked: every open ticket's limits are computed again.
    "calendar.published": (Reaction(RECOMPUTE, _run),),
    "calendar.corrected": (Reaction(RECOMPUTE, _run),),
    # Somebody wants a ticket's evidence in one file.
    "bundle.asked": (Reaction(BUNDLE, _bundle),),
    # A file came in, its columns were told, or its rows are to be registered: its state says which.
    "intake.uploaded": (Reaction(INTAKE, _file),),
    "intake.mapped": (Reaction(INTAKE, _file),),
    "intake.confirmed": (Reaction(INTAKE, _file),),
    # An administrator wants to know now; results themselves are planned below.
    "webhook.tested": (Reaction(WEBHOOK, _delivery),),
    "webhook.retried": (Reaction(WEBHOOK, _delivery),),
}

PLANNERS: Final[tuple[Planner, ...]] = (outcomes.plan, escalations.plan)
"""What else follows, where more than the event has a say: results that a platform wants to hear of, and tickets that
the rules of their profile may bring before somebody above (K3.10, X3.6, X2.8, U2.3)."""
