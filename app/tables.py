"""All tables of all packages, for migrations and for whoever creates a schema. Wiring, nothing else."""

from __future__ import annotations

import app.bundles.models
import app.channels.models
import app.evidence.models
import app.fieldwork.models
import app.intake.models
import app.journal.models
import app.oversight.callback.models
import app.oversight.escalations.models
import app.oversight.findings.models
import app.oversight.inspections.models
import app.people.models
import app.people.roster.models
import app.policies.models
import app.reach.models
import app.reminders.models
import app.replies.models
import app.requests.models
import app.rulebook.models
import app.sealing.models
import app.sync.models
import app.tickets.models  # noqa: F401
from app.db import Base

metadata = Base.metadata
