"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Made from the models when there was no database in use yet; from now on migrations are written by hand.
    op.create_table(
        "calendar_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_years")),
    )
    op.create_table(
        "deployment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.String(length=36), nullable=False),
        sa.Column("since", app.db.UtcDateTime(length=24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )
    op.create_table(
        "journal_events",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("subject_seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("actor_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("command_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("payload", app.db.JsonText(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("relayed_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal_events")),
        sa.UniqueConstraint("subject_id", "subject_seq", name=op.f("uq_journal_events_subject_id")),
    )
    with op.batch_alter_table("journal_events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_journal_events_revealed",
            ["actor_id", "at"],
            unique=False,
            postgresql_where=sa.text("name = 'caller.revealed'"),
            sqlite_where=sa.text("name = 'caller.revealed'"),
        )
        batch_op.create_index(
            "ix_journal_events_unrelayed",
            ["seq"],
            unique=False,
            postgresql_where=sa.text("relayed_at IS NULL"),
            sqlite_where=sa.text("relayed_at IS NULL"),
        )

    op.create_table(
        "jurisdictions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("zone", sa.String(length=32), nullable=False),
        sa.Column("policy_id", sa.String(length=64), nullable=False),
        sa.Column("station_phone", sa.String(length=32), nullable=False),
        sa.Column("journal_length", sa.Integer(), nullable=False),
        sa.Column("journal_head", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jurisdictions")),
    )
    op.create_table(
        "login_failures",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("locked_until", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("since", app.db.UtcDateTime(length=24), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_failures")),
    )
    with op.batch_alter_table("login_failures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_failures_since"), ["since"], unique=False)

    op.create_table(
        "policy_versions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", app.db.Json(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_versions")),
    )
    with op.batch_alter_table("policy_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_versions_profile"), ["profile"], unique=False)

    op.create_table(
        "reminder_cursor",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_cursor")),
    )
    op.create_table(
        "reminder_marks",
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_reminder_marks")),
    )
    op.create_table(
        "sync_views",
        sa.Column("cookie", sa.String(length=48), nullable=False),
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("held", app.db.Json(), nullable=False),
        sa.Column("made_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.PrimaryKeyConstraint("cookie", "device_id", name=op.f("pk_sync_views")),
    )
    with op.batch_alter_table("sync_views", schema=None) as batch_op:
        batch_op.create_index("ix_sync_views_device", ["device_id", "made_at"], unique=False)

    op.create_table(
        "tasks",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("ref", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_after", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("asked_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("started_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("ended_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index("ix_tasks_state_run_after", ["state", "run_after"], unique=False)

    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("free", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["year"], ["calendar_years.year"], name=op.f("fk_calendar_days_year_calendar_years")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_days")),
    )
    with op.batch_alter_table("calendar_days", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_days_year"), ["year"], unique=False)

    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=128), nullable=False),
        sa.Column("disabled_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_persons_jurisdiction_id_jurisdictions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("phone", name=op.f("uq_persons_phone")),
    )
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_persons_jurisdiction_id"), ["jurisdiction_id"], unique=False)

    op.create_table(
        "units",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("closed_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_units_jurisdiction_id_jurisdictions")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name=op.f("fk_units_parent_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
    )
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_units_jurisdiction_id"), ["jurisdiction_id"], unique=False)

    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("registered_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("last_seen_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("revoked_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_devices_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
    )
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.create_index("ix_devices_person_client", ["person_id", "client_id"], unique=False)

    op.create_table(
        "duties",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("rank", sa.String(length=1), nullable=False),
        sa.Column("starts_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("ends_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_duties_person_id_persons")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_duties_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
    )
    with op.batch_alter_table("duties", schema=None) as batch_op:
        batch_op.create_index("ix_duties_unit_starts_at", ["unit_id", "starts_at"], unique=False)

    op.create_table(
        "handovers",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("from_person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("to_person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("executed_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("executed_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["executed_by"], ["persons.id"], name=op.f("fk_handovers_executed_by_persons")),
        sa.ForeignKeyConstraint(["from_person_id"], ["persons.id"], name=op.f("fk_handovers_from_person_id_persons")),
        sa.ForeignKeyConstraint(["to_person_id"], ["persons.id"], name=op.f("fk_handovers_to_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_table(
        "memberships",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("rank", sa.String(length=1), nullable=True),
        sa.Column("since", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("until", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_memberships_person_id_persons")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_memberships_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index("ix_memberships_person", ["person_id"], unique=False)
        batch_op.create_index("ix_memberships_unit", ["unit_id"], unique=False)

    op.create_table(
        "receipts",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=True),
        sa.Column("facts", app.db.Json(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("ticket_version", sa.Integer(), nullable=True),
        sa.Column("received_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("claimed_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("counted_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_receipts_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("policy_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("category", sa.String(length=120), nullable=True),
        sa.Column("priority", sa.String(length=16), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("area", sa.String(length=120), nullable=False),
        sa.Column("caller_name", sa.String(length=64), nullable=True),
        sa.Column("caller_phone", sa.String(length=32), nullable=True),
        sa.Column("caller_address", sa.String(length=240), nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_since", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("handler_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("received_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("dispatched_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("signed_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("closed_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("feedback_by", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("next_due_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("redo_count", sa.Integer(), nullable=False),
        sa.Column("reported_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("reported_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("reported_note", sa.Text(), nullable=True),
        sa.Column("journal_length", sa.Integer(), nullable=False),
        sa.Column("journal_head", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["handler_id"], ["persons.id"], name=op.f("fk_tickets_handler_id_persons")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_tickets_jurisdiction_id_jurisdictions")
        ),
        sa.ForeignKeyConstraint(["reported_by"], ["persons.id"], name=op.f("fk_tickets_reported_by_persons")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_tickets_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index(
            "ix_tickets_board", ["jurisdiction_id", "state", "urgency", "next_due_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_tickets_handler_id"), ["handler_id"], unique=False)
        batch_op.create_index("ix_tickets_unit_closed", ["unit_id", "closed_at"], unique=False)
        batch_op.create_index("ix_tickets_unit_state", ["unit_id", "state"], unique=False)
        batch_op.create_index("uq_tickets_number", ["jurisdiction_id", "number"], unique=True)

    op.create_table(
        "assignments",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("since", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("until", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_assignments_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_assignments_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_assignments_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index("ix_assignments_ticket", ["ticket_id"], unique=False)

    op.create_table(
        "contacts",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("to", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("started_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("evidence_ids", app.db.Json(), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recorded_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_contacts_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_contacts_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_contacts_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.create_index("ix_contacts_ticket", ["ticket_id"], unique=False)

    op.create_table(
        "drafts",
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("parts", app.db.Json(), nullable=False),
        sa.Column("opinion", sa.String(length=32), nullable=True),
        sa.Column("evidence_ids", app.db.Json(), nullable=False),
        sa.Column("saved_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_drafts_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_drafts_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_drafts_unit_id_units")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_drafts")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("phase", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("captured_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("datum", sa.String(length=8), nullable=True),
        sa.Column("position_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("duration_s", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("received_bytes", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("reason_facts", app.db.Json(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("measured_s", sa.Float(), nullable=True),
        sa.Column("peaks", app.db.Json(), nullable=True),
        sa.Column("claims", app.db.Json(), nullable=True),
        sa.Column("declared_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("declared_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("received_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("judged_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("withdrawn_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["declared_by"], ["persons.id"], name=op.f("fk_evidence_declared_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_evidence_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_evidence_unit_id_units")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["persons.id"], name=op.f("fk_evidence_withdrawn_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "login_sessions",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("rotated_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("expires_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("ended_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("reused", sa.Boolean(), nullable=False),
        sa.Column("forgiven", sa.Integer(), nullable=False),
        sa.Column("forgiven_since", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_login_sessions_device_id_devices")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_login_sessions_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions")),
    )
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_sessions_device_id"), ["device_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_sessions_person_id"), ["person_id"], unique=False)

    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_messages_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_messages_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index("ix_messages_ticket", ["ticket_id"], unique=False)

    op.create_table(
        "progress_reports",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("caller_told", sa.Boolean(), nullable=False),
        sa.Column("conversations", sa.Integer(), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recorded_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_progress_reports_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_progress_reports_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_progress_reports_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_reports")),
    )
    with op.batch_alter_table("progress_reports", schema=None) as batch_op:
        batch_op.create_index("ix_progress_reports_ticket", ["ticket_id"], unique=False)

    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("endpoint_hash", sa.String(length=64), nullable=False),
        sa.Column("p256dh", sa.String(length=100), nullable=False),
        sa.Column("auth", sa.String(length=40), nullable=False),
        sa.Column("created_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_push_subscriptions_device_id_devices")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_push_subscriptions_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("device_id", name=op.f("uq_push_subscriptions_device_id")),
        sa.UniqueConstraint("endpoint_hash", name=op.f("uq_push_subscriptions_endpoint_hash")),
    )
    with op.batch_alter_table("push_subscriptions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_push_subscriptions_person_id"), ["person_id"], unique=False)

    op.create_table(
        "reminders",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("fire_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("planned_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("settled_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_reminders_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint("ticket_id", "key", name=op.f("uq_reminders_ticket_id")),
    )
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reminders_due",
            ["fire_at"],
            unique=False,
            postgresql_where=sa.text("state = 'planned'"),
            sqlite_where=sa.text("state = 'planned'"),
        )

    op.create_table(
        "replies",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parts", app.db.Json(), nullable=False),
        sa.Column("opinion", sa.String(length=32), nullable=False),
        sa.Column("evidence", app.db.Json(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("submitted_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("submitted_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("returned_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("returned_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("reasons", app.db.Json(), nullable=True),
        sa.ForeignKeyConstraint(["returned_by"], ["persons.id"], name=op.f("fk_replies_returned_by_persons")),
        sa.ForeignKeyConstraint(["submitted_by"], ["persons.id"], name=op.f("fk_replies_submitted_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_replies_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_replies_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("ticket_id", "number", name=op.f("uq_replies_ticket_id")),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_unit_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("new_due_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("due_before", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("asked_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("counted_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ended_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_requests_by_persons")),
        sa.ForeignKeyConstraint(["proposed_unit_id"], ["units.id"], name=op.f("fk_requests_proposed_unit_id_units")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_requests_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_requests_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
    )
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.create_index("ix_requests_ticket", ["ticket_id"], unique=False)
        batch_op.create_index(
            "ix_requests_undecided",
            ["ticket_id"],
            unique=False,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "ticket_clocks",
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("clock", sa.String(length=24), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("started_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("due_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("met_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("stopped_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("derivation", sa.String(length=200), nullable=False),
        sa.Column("cite", sa.String(length=40), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_clocks_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("ticket_id", "clock", name=op.f("pk_ticket_clocks")),
    )
    op.create_table(
        "visit_exceptions",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ground", sa.String(length=24), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recorded_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_visit_exceptions_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_visit_exceptions_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_visit_exceptions_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_exceptions")),
    )
    with op.batch_alter_table("visit_exceptions", schema=None) as batch_op:
        batch_op.create_index("ix_visit_exceptions_ticket", ["ticket_id"], unique=False)

    op.create_table(
        "visits",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("arrived_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("left_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("met", sa.String(length=16), nullable=False),
        sa.Column("met_name", sa.String(length=64), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("position_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recorded_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_visits_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_visits_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_visits_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.create_index("ix_visits_ticket", ["ticket_id"], unique=False)

    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reminder_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=240), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("acknowledged_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_notices_person_id_persons")),
        sa.ForeignKeyConstraint(["reminder_id"], ["reminders.id"], name=op.f("fk_notices_reminder_id_reminders")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_notices_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("reminder_id", "person_id", name=op.f("uq_notices_reminder_id")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index("ix_notices_person_at", ["person_id", "at"], unique=False)
        batch_op.create_index("ix_notices_ticket", ["ticket_id"], unique=False)
        batch_op.create_index(
            "ix_notices_unread",
            ["person_id", "at"],
            unique=False,
            postgresql_where=sa.text("acknowledged_at IS NULL"),
            sqlite_where=sa.text("acknowledged_at IS NULL"),
        )

    op.create_table(
        "reply_signatures",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reply_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_reply_signatures_by_persons")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_reply_signatures_reply_id_replies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_signatures")),
        sa.UniqueConstraint("reply_id", "role", name=op.f("uq_reply_signatures_reply_id")),
    )
    with op.batch_alter_table("reply_signatures", schema=None) as batch_op:
        batch_op.create_index("ix_reply_signatures_reply", ["reply_id"], unique=False)

    op.create_table(
        "request_decisions",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("request_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("new_due_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("answered_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_request_decisions_by_persons")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_request_decisions_request_id_requests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_decisions")),
    )
    with op.batch_alter_table("request_decisions", schema=None) as batch_op:
        batch_op.create_index("ix_request_decisions_request", ["request_id"], unique=False)

    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("notice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("subscription_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("service", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("next_attempt_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("delivered_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_deliveries_notice_id_notices")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["push_subscriptions.id"],
            name=op.f("fk_deliveries_subscription_id_push_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("notice_id", "subscription_id", name=op.f("uq_deliveries_notice_id")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deliveries_due",
            ["next_attempt_at"],
            unique=False,
            postgresql_where=sa.text("state = 'pending'"),
            sqlite_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index("ix_deliveries_subscription", ["subscription_id"], unique=False)


def downgrade() -> None:
    # Made from the models when there was no database in use yet; from now on migrations are written by hand.
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_deliveries_subscription")
        batch_op.drop_index(
            "ix_deliveries_due",
            postgresql_where=sa.text("state = 'pending'"),
            sqlite_where=sa.text("state = 'pending'"),
        )

    op.drop_table("deliveries")
    with op.batch_alter_table("request_decisions", schema=None) as batch_op:
        batch_op.drop_index("ix_request_decisions_request")

    op.drop_table("request_decisions")
    with op.batch_alter_table("reply_signatures", schema=None) as batch_op:
        batch_op.drop_index("ix_reply_signatures_reply")

    op.drop_table("reply_signatures")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notices_unread",
            postgresql_where=sa.text("acknowledged_at IS NULL"),
            sqlite_where=sa.text("acknowledged_at IS NULL"),
        )
        batch_op.drop_index("ix_notices_ticket")
        batch_op.drop_index("ix_notices_person_at")

    op.drop_table("notices")
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_index("ix_visits_ticket")

    op.drop_table("visits")
    with op.batch_alter_table("visit_exceptions", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_exceptions_ticket")

    op.drop_table("visit_exceptions")
    op.drop_table("ticket_clocks")
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_requests_undecided",
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_requests_ticket")

    op.drop_table("requests")
    op.drop_table("replies")
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_reminders_due", postgresql_where=sa.text("state = 'planned'"), sqlite_where=sa.text("state = 'planned'")
        )

    op.drop_table("reminders")
    with op.batch_alter_table("push_subscriptions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_push_subscriptions_person_id"))

    op.drop_table("push_subscriptions")
    with op.batch_alter_table("progress_reports", schema=None) as batch_op:
        batch_op.drop_index("ix_progress_reports_ticket")

    op.drop_table("progress_reports")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_ticket")

    op.drop_table("messages")
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_sessions_person_id"))
        batch_op.drop_index(batch_op.f("ix_login_sessions_device_id"))

    op.drop_table("login_sessions")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_sha256"))

    op.drop_table("evidence")
    op.drop_table("drafts")
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_index("ix_contacts_ticket")

    op.drop_table("contacts")
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.drop_index("ix_assignments_ticket")

    op.drop_table("assignments")
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index("uq_tickets_number")
        batch_op.drop_index("ix_tickets_unit_state")
        batch_op.drop_index("ix_tickets_unit_closed")
        batch_op.drop_index(batch_op.f("ix_tickets_handler_id"))
        batch_op.drop_index("ix_tickets_board")

    op.drop_table("tickets")
    op.drop_table("receipts")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index("ix_memberships_unit")
        batch_op.drop_index("ix_memberships_person")

    op.drop_table("memberships")
    op.drop_table("handovers")
    with op.batch_alter_table("duties", schema=None) as batch_op:
        batch_op.drop_index("ix_duties_unit_starts_at")

    op.drop_table("duties")
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.drop_index("ix_devices_person_client")

    op.drop_table("devices")
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_units_jurisdiction_id"))

    op.drop_table("units")
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_persons_jurisdiction_id"))

    op.drop_table("persons")
    with op.batch_alter_table("calendar_days", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_days_year"))

    op.drop_table("calendar_days")
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_index("ix_tasks_state_run_after")

    op.drop_table("tasks")
    with op.batch_alter_table("sync_views", schema=None) as batch_op:
        batch_op.drop_index("ix_sync_views_device")

    op.drop_table("sync_views")
    op.drop_table("reminder_marks")
    op.drop_table("reminder_cursor")
    with op.batch_alter_table("policy_versions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_versions_profile"))

    op.drop_table("policy_versions")
    with op.batch_alter_table("login_failures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_failures_since"))

    op.drop_table("login_failures")
    op.drop_table("jurisdictions")
    with op.batch_alter_table("journal_events", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_journal_events_unrelayed",
            postgresql_where=sa.text("relayed_at IS NULL"),
            sqlite_where=sa.text("relayed_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_journal_events_revealed",
            postgresql_where=sa.text("name = 'caller.revealed'"),
            sqlite_where=sa.text("name = 'caller.revealed'"),
        )

    op.drop_table("journal_events")
    op.drop_table("deployment")
    op.drop_table("calendar_years")
