"""Every command there is: name → (argument schema, function). The one map of verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema
from sqlalchemy.orm import Session

import app.bundles.commands
import app.channels.commands
import app.evidence.commands
import app.fieldwork.commands
import app.fieldwork.commitments
import app.handover.commands
import app.intake.commands
import app.oversight.callback.commands
import app.oversight.escalations.commands
import app.oversight.findings.commands
import app.oversight.inspections.aftermath
import app.oversight.inspections.commands
import app.oversight.inspections.field
import app.oversight.inspections.plans
import app.oversight.review
import app.people.commands
import app.reminders.commands
import app.replies.commands
import app.requests.commands
import app.rulebook.commands
import app.tickets.commands
from app.clock import Moment
from app.people.permissions import Actor

Function = Callable[[Session, Actor, dict[str, Any], Moment], None]

_TABLES: tuple[Mapping[str, tuple[type[Schema], Function]], ...] = (
    app.people.commands.COMMANDS,
    app.tickets.commands.COMMANDS,
    app.evidence.commands.COMMANDS,
    app.fieldwork.commands.COMMANDS,
    app.fieldwork.commitments.COMMANDS,
    app.replies.commands.COMMANDS,
    app.requests.commands.COMMANDS,
    app.oversight.escalations.commands.COMMANDS,
    app.oversight.findings.commands.COMMANDS,
    app.oversight.review.COMMANDS,
    app.oversight.callback.commands.COMMANDS,
    app.oversight.inspections.plans.COMMANDS,
    app.oversight.inspections.commands.COMMANDS,
    app.oversight.inspections.aftermath.COMMANDS,
    app.oversight.inspections.field.COMMANDS,
    app.handover.commands.COMMANDS,
    app.bundles.commands.COMMANDS,
    app.reminders.commands.COMMANDS,
    app.channels.commands.COMMANDS,
    app.intake.commands.COMMANDS,
    app.rulebook.commands.COMMANDS,
)
REGISTRY: dict[str, tuple[Schema, Function]] = {
    name: (schema(), function) for table in _TABLES for name, (schema, function) in table.items()
}
