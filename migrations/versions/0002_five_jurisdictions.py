"""What the procedures of five jurisdictions need: requests of many kinds, co-handling, call-backs, deputies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


# What the program keeps up to date from now on, of what is there already. Until here every ticket ran under the one
# profile there was: its replies wait for the unit's leader, its requests for the station, and liaisons asked them.
FILL = (
    "UPDATE tickets SET assigned_count = (SELECT count(*) FROM assignments WHERE assignments.ticket_id = tickets.id)",
    "UPDATE tickets SET signer = 'leader', signer_since = state_since WHERE state = 'signing'",
    "UPDATE requests SET role = 'liaison'",
    "UPDATE requests SET waits_for = ',station,', stage_since = COALESCE((SELECT max(d.at) FROM request_decisions d"
    " WHERE d.request_id = requests.id), asked_at) WHERE ended_at IS NULL",
)


def upgrade() -> None:
    op.create_table(
        "recomputations",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("asked_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("finished_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("failed_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("after_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recomputations")),
    )
    op.create_table(
        "deputations",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("principal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("deputy_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("since", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("until", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("appointed_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["appointed_by"], ["persons.id"], name=op.f("fk_deputations_appointed_by_persons")),
        sa.ForeignKeyConstraint(["deputy_id"], ["persons.id"], name=op.f("fk_deputations_deputy_id_persons")),
        sa.ForeignKeyConstraint(["principal_id"], ["persons.id"], name=op.f("fk_deputations_principal_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputations")),
    )
    with op.batch_alter_table("deputations", schema=None) as batch_op:
        batch_op.create_index("ix_deputations_deputy", ["deputy_id", "until"], unique=False)
        batch_op.create_index(batch_op.f("ix_deputations_principal_id"), ["principal_id"], unique=False)

    op.create_table(
        "intake_files",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("sheet", sa.String(length=64), nullable=True),
        sa.Column("other_sheets", app.db.JsonText(), nullable=False),
        sa.Column("date1904", sa.Boolean(), nullable=False),
        sa.Column("header_row", sa.Integer(), nullable=True),
        sa.Column("header", app.db.JsonText(), nullable=False),
        sa.Column("columns", app.db.JsonText(), nullable=False),
        sa.Column("defaults", app.db.JsonText(), nullable=False),
        sa.Column("meanings", app.db.JsonText(), nullable=False),
        sa.Column("remembered", sa.Boolean(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("uploaded_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("confirmed_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("ended_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(["confirmed_by"], ["persons.id"], name=op.f("fk_intake_files_confirmed_by_persons")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_intake_files_jurisdiction_id_jurisdictions")
        ),
        sa.ForeignKeyConstraint(["uploaded_by"], ["persons.id"], name=op.f("fk_intake_files_uploaded_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_files")),
    )
    with op.batch_alter_table("intake_files", schema=None) as batch_op:
        batch_op.create_index("ix_intake_files_jurisdiction", ["jurisdiction_id", "uploaded_at"], unique=False)

    op.create_table(
        "intake_keys",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("former_secret", sa.Text(), nullable=True),
        sa.Column("former_until", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("rotated_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("revoked_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("last_used_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["persons.id"], name=op.f("fk_intake_keys_created_by_persons")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_intake_keys_jurisdiction_id_jurisdictions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_keys")),
    )
    with op.batch_alter_table("intake_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_keys_jurisdiction_id"), ["jurisdiction_id"], unique=False)

    op.create_table(
        "intake_mappings",
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("header", app.db.JsonText(), nullable=False),
        sa.Column("columns", app.db.JsonText(), nullable=False),
        sa.Column("defaults", app.db.JsonText(), nullable=False),
        sa.Column("meanings", app.db.JsonText(), nullable=False),
        sa.Column("saved_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("saved_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_intake_mappings_jurisdiction_id_jurisdictions")
        ),
        sa.ForeignKeyConstraint(["saved_by"], ["persons.id"], name=op.f("fk_intake_mappings_saved_by_persons")),
        sa.PrimaryKeyConstraint("jurisdiction_id", "signature", name=op.f("pk_intake_mappings")),
    )
    op.create_table(
        "trainings",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=120), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("trainer", sa.String(length=64), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recorded_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_trainings_jurisdiction_id_jurisdictions")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["persons.id"], name=op.f("fk_trainings_recorded_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainings")),
    )
    with op.batch_alter_table("trainings", schema=None) as batch_op:
        batch_op.create_index("ix_trainings_place_held_on", ["jurisdiction_id", "held_on"], unique=False)

    op.create_table(
        "webhooks",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("kinds", app.db.JsonText(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["persons.id"], name=op.f("fk_webhooks_created_by_persons")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_webhooks_jurisdiction_id_jurisdictions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhooks_jurisdiction_id"), ["jurisdiction_id"], unique=False)

    op.create_table(
        "assists",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("asking_unit_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("asked_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("asked_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("due_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("signed_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("signed_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("reported_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("reported_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("late_told_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("ended_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["persons.id"], name=op.f("fk_assists_asked_by_persons")),
        sa.ForeignKeyConstraint(["asking_unit_id"], ["units.id"], name=op.f("fk_assists_asking_unit_id_units")),
        sa.ForeignKeyConstraint(["reported_by"], ["persons.id"], name=op.f("fk_assists_reported_by_persons")),
        sa.ForeignKeyConstraint(["signed_by"], ["persons.id"], name=op.f("fk_assists_signed_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_assists_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_assists_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assists")),
    )
    with op.batch_alter_table("assists", schema=None) as batch_op:
        batch_op.create_index("ix_assists_ticket", ["ticket_id"], unique=False)
        batch_op.create_index("ix_assists_unit", ["unit_id", "ended_at"], unique=False)
        batch_op.create_index("ix_assists_unreported", ["reported_at", "due_at"], unique=False)

    op.create_table(
        "commitments",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("origin_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("made_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("settled_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("settled_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("settled_note", sa.Text(), nullable=True),
        sa.Column("evidence_ids", app.db.Json(), nullable=False),
        sa.Column("replaced_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_commitments_by_persons")),
        sa.ForeignKeyConstraint(["settled_by"], ["persons.id"], name=op.f("fk_commitments_settled_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_commitments_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_commitments_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitments")),
    )
    with op.batch_alter_table("commitments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_commitments_open",
            ["unit_id", "due_at"],
            unique=False,
            postgresql_where=sa.text("settled_at IS NULL"),
            sqlite_where=sa.text("settled_at IS NULL"),
        )
        batch_op.create_index("ix_commitments_ticket", ["ticket_id"], unique=False)

    op.create_table(
        "consultations",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("on_site", sa.Boolean(), nullable=False),
        sa.Column("held_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("participants", app.db.Json(), nullable=False),
        sa.Column("convened_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("lead_unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("co_unit_ids", app.db.Json(), nullable=False),
        sa.Column("named_by", sa.String(length=64), nullable=True),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_consultations_by_persons")),
        sa.ForeignKeyConstraint(["convened_by"], ["units.id"], name=op.f("fk_consultations_convened_by_units")),
        sa.ForeignKeyConstraint(["lead_unit_id"], ["units.id"], name=op.f("fk_consultations_lead_unit_id_units")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_consultations_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultations")),
    )
    with op.batch_alter_table("consultations", schema=None) as batch_op:
        batch_op.create_index("ix_consultations_held", ["kind", "held_at"], unique=False)
        batch_op.create_index("ix_consultations_ticket", ["ticket_id"], unique=False)

    op.create_table(
        "direct_answers",
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("way", sa.String(length=24), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("template", sa.String(length=120), nullable=True),
        sa.Column("told_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_direct_answers_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_direct_answers_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_direct_answers")),
    )
    op.create_table(
        "escalations",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("rule", sa.String(length=24), nullable=True),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("fact", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=280), nullable=True),
        sa.Column("related", app.db.Json(), nullable=False),
        sa.Column("to_role", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raised_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("raised_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("lifted_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("conclusion", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("closed_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(["closed_by"], ["persons.id"], name=op.f("fk_escalations_closed_by_persons")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_escalations_jurisdiction_id_jurisdictions")
        ),
        sa.ForeignKeyConstraint(["raised_by"], ["persons.id"], name=op.f("fk_escalations_raised_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_escalations_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
    )
    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.create_index("ix_escalations_board", ["jurisdiction_id", "closed_at", "raised_at"], unique=False)
        batch_op.create_index(
            "ix_escalations_open",
            ["raised_at"],
            unique=False,
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index("ix_escalations_scope", ["jurisdiction_id", "scope"], unique=False)
        batch_op.create_index("ix_escalations_ticket", ["ticket_id"], unique=False)

    op.create_table(
        "intake_calls",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("key_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("received_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["intake_keys.id"], name=op.f("fk_intake_calls_key_id_intake_keys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_calls")),
        sa.UniqueConstraint("key_id", "idempotency_key", name=op.f("uq_intake_calls_key_id")),
    )
    op.create_table(
        "intake_rows",
        sa.Column("file_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("cells", app.db.JsonText(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("faults", app.db.JsonText(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["intake_files.id"], name=op.f("fk_intake_rows_file_id_intake_files")),
        sa.PrimaryKeyConstraint("file_id", "line", name=op.f("pk_intake_rows")),
    )
    with op.batch_alter_table("intake_rows", schema=None) as batch_op:
        batch_op.create_index("ix_intake_rows_file_state", ["file_id", "state", "line"], unique=False)

    op.create_table(
        "training_attendances",
        sa.Column("training_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_training_attendances_person_id_persons")),
        sa.ForeignKeyConstraint(
            ["training_id"], ["trainings.id"], name=op.f("fk_training_attendances_training_id_trainings")
        ),
        sa.PrimaryKeyConstraint("training_id", "person_id", name=op.f("pk_training_attendances")),
    )
    with op.batch_alter_table("training_attendances", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_attendances_person_id"), ["person_id"], unique=False)

    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("webhook_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("event_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asked_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("next_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("ended_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("answer", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id_webhooks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("webhook_id", "event_seq", name=op.f("uq_webhook_deliveries_webhook_id")),
    )
    with op.batch_alter_table("webhook_deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_deliveries_state", ["state", "ended_at"], unique=False)
        batch_op.create_index("ix_webhook_deliveries_webhook", ["webhook_id", "asked_at"], unique=False)

    op.create_table(
        "work_plans",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("steps", app.db.Json(), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recorded_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_work_plans_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_work_plans_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_work_plans_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_plans")),
    )
    with op.batch_alter_table("work_plans", schema=None) as batch_op:
        batch_op.create_index("uq_work_plans_number", ["ticket_id", "number"], unique=True)

    op.create_table(
        "callbacks",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("reply_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("contacted", sa.Boolean(), nullable=True),
        sa.Column("visited", sa.Boolean(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("satisfaction", sa.String(length=32), nullable=True),
        sa.Column("reasons", app.db.Json(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("follow_up", sa.Text(), nullable=True),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("followed_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("followed_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("followed_note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_callbacks_by_persons")),
        sa.ForeignKeyConstraint(["followed_by"], ["persons.id"], name=op.f("fk_callbacks_followed_by_persons")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_callbacks_reply_id_replies")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_callbacks_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_callbacks_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )
    with op.batch_alter_table("callbacks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_callbacks_followed",
            ["ticket_id"],
            unique=False,
            postgresql_where=sa.text("follow_up IS NOT NULL AND followed_at IS NULL"),
            sqlite_where=sa.text("follow_up IS NOT NULL AND followed_at IS NULL"),
        )
        batch_op.create_index("ix_callbacks_ticket", ["ticket_id", "at"], unique=False)

    op.create_table(
        "escalation_notes",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("escalation_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reported_to", sa.String(length=64), nullable=True),
        sa.Column("lifted_to", sa.String(length=16), nullable=True),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_escalation_notes_by_persons")),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalations.id"], name=op.f("fk_escalation_notes_escalation_id_escalations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_notes")),
    )
    with op.batch_alter_table("escalation_notes", schema=None) as batch_op:
        batch_op.create_index("ix_escalation_notes_escalation", ["escalation_id"], unique=False)

    op.create_table(
        "intake_answers",
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("facts", app.db.JsonText(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["intake_calls.id"], name=op.f("fk_intake_answers_call_id_intake_calls")),
        sa.PrimaryKeyConstraint("call_id", "position", name=op.f("pk_intake_answers")),
    )
    op.create_table(
        "request_evaluators",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("request_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("capacity", sa.String(length=64), nullable=False),
        sa.Column("vote", sa.String(length=16), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("voted_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("recorded_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["persons.id"], name=op.f("fk_request_evaluators_recorded_by_persons")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name=op.f("fk_request_evaluators_request_id_requests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_evaluators")),
    )
    with op.batch_alter_table("request_evaluators", schema=None) as batch_op:
        batch_op.create_index("ix_request_evaluators_request", ["request_id"], unique=False)

    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ground", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("instructed_by", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("consultation_id", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.add_column(sa.Column("binding", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_foreign_key(
            batch_op.f("fk_assignments_consultation_id_consultations"), "consultations", ["consultation_id"], ["id"]
        )

    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("extra", app.db.Json(), nullable=True))

    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.add_column(sa.Column("password_first", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("policy_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("text", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("published_by", sa.Uuid(as_uuid=False), nullable=True))

    with op.batch_alter_table("progress_reports", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=True))

    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.add_column(sa.Column("extra", app.db.Json(), nullable=True))

    with op.batch_alter_table("reply_signatures", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acting_for", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.add_column(sa.Column("ticked", app.db.Json(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_reply_signatures_acting_for_persons"), "persons", ["acting_for"], ["id"]
        )

    with op.batch_alter_table("request_decisions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("evidence_ids", app.db.Json(), nullable=True))
        batch_op.add_column(sa.Column("acting_for", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_request_decisions_acting_for_persons"), "persons", ["acting_for"], ["id"]
        )

    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("role", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("grounds", app.db.Json(), nullable=True))
        batch_op.add_column(sa.Column("fields", app.db.Json(), nullable=True))
        batch_op.add_column(sa.Column("evidence_ids", app.db.Json(), nullable=True))
        batch_op.add_column(sa.Column("until", app.db.UtcDateTime(length=24), nullable=True))
        batch_op.add_column(sa.Column("variant", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("waits_for", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("stage_since", app.db.UtcDateTime(length=24), nullable=True))
        batch_op.add_column(sa.Column("decide_by", app.db.UtcDateTime(length=24), nullable=True))
        batch_op.add_column(sa.Column("decide_why", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("outcome", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("supported_by", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.add_column(sa.Column("outlives_closing", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("outlives_unit", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.alter_column("by", existing_type=sa.CHAR(length=32), nullable=True)
        batch_op.create_foreign_key(
            batch_op.f("fk_requests_supported_by_requests"), "requests", ["supported_by"], ["id"]
        )

    with op.batch_alter_table("ticket_clocks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rests", app.db.Json(), nullable=True))

    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_how", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("reopened_at", app.db.UtcDateTime(length=24), nullable=True))
        batch_op.add_column(sa.Column("exempt", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("suspended_until", app.db.UtcDateTime(length=24), nullable=True))
        batch_op.add_column(sa.Column("suspended_from", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("signer", sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column("signer_since", app.db.UtcDateTime(length=24), nullable=True))
        batch_op.add_column(sa.Column("centre_signed_at", app.db.UtcDateTime(length=24), nullable=True))
        batch_op.add_column(sa.Column("centre_signed_by", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.add_column(sa.Column("centre_tried_at", app.db.UtcDateTime(length=24), nullable=True))
        batch_op.add_column(sa.Column("centre_reached_at", app.db.UtcDateTime(length=24), nullable=True))
        batch_op.add_column(sa.Column("unit_tried_at", app.db.UtcDateTime(length=24), nullable=True))
        batch_op.add_column(sa.Column("assigned_count", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("escalated", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index("ix_tickets_caller", ["jurisdiction_id", "caller_phone"], unique=False)
        batch_op.create_index(
            "ix_tickets_escalated",
            ["jurisdiction_id", "received_at"],
            unique=False,
            postgresql_where=sa.text("escalated IS true"),
            sqlite_where=sa.text("escalated IS 1"),
        )
        batch_op.create_index("ix_tickets_group", ["jurisdiction_id", "category", "area", "received_at"], unique=False)
        batch_op.create_index(
            "ix_tickets_received", ["jurisdiction_id", "received_at", "id", "number", "title", "state"], unique=False
        )
        batch_op.create_index(
            "ix_tickets_repeated",
            ["jurisdiction_id", "assigned_count"],
            unique=False,
            postgresql_where=sa.text("assigned_count > 1"),
            sqlite_where=sa.text("assigned_count > 1"),
        )
        batch_op.create_index("ix_tickets_urgent", ["jurisdiction_id", "urgency", "next_due_at", "id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_tickets_centre_signed_by_persons"), "persons", ["centre_signed_by"], ["id"]
        )

    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.add_column(sa.Column("office", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("phone", sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_units_parent_id"), ["parent_id"], unique=False)

    for statement in FILL:
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_units_parent_id"))
        batch_op.drop_column("phone")
        batch_op.drop_column("office")

    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_tickets_centre_signed_by_persons"), type_="foreignkey")
        batch_op.drop_index("ix_tickets_urgent")
        batch_op.drop_index(
            "ix_tickets_repeated",
            postgresql_where=sa.text("assigned_count > 1"),
            sqlite_where=sa.text("assigned_count > 1"),
        )
        batch_op.drop_index("ix_tickets_received")
        batch_op.drop_index("ix_tickets_group")
        batch_op.drop_index(
            "ix_tickets_escalated",
            postgresql_where=sa.text("escalated IS true"),
            sqlite_where=sa.text("escalated IS 1"),
        )
        batch_op.drop_index("ix_tickets_caller")
        batch_op.drop_column("escalated")
        batch_op.drop_column("assigned_count")
        batch_op.drop_column("unit_tried_at")
        batch_op.drop_column("centre_reached_at")
        batch_op.drop_column("centre_tried_at")
        batch_op.drop_column("centre_signed_by")
        batch_op.drop_column("centre_signed_at")
        batch_op.drop_column("signer_since")
        batch_op.drop_column("signer")
        batch_op.drop_column("suspended_from")
        batch_op.drop_column("suspended_until")
        batch_op.drop_column("exempt")
        batch_op.drop_column("reopened_at")
        batch_op.drop_column("closed_how")

    with op.batch_alter_table("ticket_clocks", schema=None) as batch_op:
        batch_op.drop_column("rests")

    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_requests_supported_by_requests"), type_="foreignkey")
        batch_op.alter_column("by", existing_type=sa.CHAR(length=32), nullable=False)
        batch_op.drop_column("outlives_unit")
        batch_op.drop_column("outlives_closing")
        batch_op.drop_column("supported_by")
        batch_op.drop_column("outcome")
        batch_op.drop_column("decide_why")
        batch_op.drop_column("decide_by")
        batch_op.drop_column("stage_since")
        batch_op.drop_column("waits_for")
        batch_op.drop_column("variant")
        batch_op.drop_column("until")
        batch_op.drop_column("evidence_ids")
        batch_op.drop_column("fields")
        batch_op.drop_column("grounds")
        batch_op.drop_column("role")

    with op.batch_alter_table("request_decisions", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_request_decisions_acting_for_persons"), type_="foreignkey")
        batch_op.drop_column("acting_for")
        batch_op.drop_column("evidence_ids")

    with op.batch_alter_table("reply_signatures", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_reply_signatures_acting_for_persons"), type_="foreignkey")
        batch_op.drop_column("ticked")
        batch_op.drop_column("acting_for")

    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.drop_column("extra")

    with op.batch_alter_table("progress_reports", schema=None) as batch_op:
        batch_op.drop_column("reason")

    with op.batch_alter_table("policy_versions", schema=None) as batch_op:
        batch_op.drop_column("published_by")
        batch_op.drop_column("text")

    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.drop_column("password_first")

    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.drop_column("extra")

    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_assignments_consultation_id_consultations"), type_="foreignkey")
        batch_op.drop_column("binding")
        batch_op.drop_column("consultation_id")
        batch_op.drop_column("instructed_by")
        batch_op.drop_column("ground")

    with op.batch_alter_table("request_evaluators", schema=None) as batch_op:
        batch_op.drop_index("ix_request_evaluators_request")

    op.drop_table("request_evaluators")
    op.drop_table("intake_answers")
    with op.batch_alter_table("escalation_notes", schema=None) as batch_op:
        batch_op.drop_index("ix_escalation_notes_escalation")

    op.drop_table("escalation_notes")
    with op.batch_alter_table("callbacks", schema=None) as batch_op:
        batch_op.drop_index("ix_callbacks_ticket")
        batch_op.drop_index(
            "ix_callbacks_followed",
            postgresql_where=sa.text("follow_up IS NOT NULL AND followed_at IS NULL"),
            sqlite_where=sa.text("follow_up IS NOT NULL AND followed_at IS NULL"),
        )

    op.drop_table("callbacks")
    with op.batch_alter_table("work_plans", schema=None) as batch_op:
        batch_op.drop_index("uq_work_plans_number")

    op.drop_table("work_plans")
    with op.batch_alter_table("webhook_deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_webhook_deliveries_webhook")
        batch_op.drop_index("ix_webhook_deliveries_state")

    op.drop_table("webhook_deliveries")
    with op.batch_alter_table("training_attendances", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_attendances_person_id"))

    op.drop_table("training_attendances")
    with op.batch_alter_table("intake_rows", schema=None) as batch_op:
        batch_op.drop_index("ix_intake_rows_file_state")

    op.drop_table("intake_rows")
    op.drop_table("intake_calls")
    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.drop_index("ix_escalations_ticket")
        batch_op.drop_index("ix_escalations_scope")
        batch_op.drop_index(
            "ix_escalations_open",
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index("ix_escalations_board")

    op.drop_table("escalations")
    op.drop_table("direct_answers")
    with op.batch_alter_table("consultations", schema=None) as batch_op:
        batch_op.drop_index("ix_consultations_ticket")
        batch_op.drop_index("ix_consultations_held")

    op.drop_table("consultations")
    with op.batch_alter_table("commitments", schema=None) as batch_op:
        batch_op.drop_index("ix_commitments_ticket")
        batch_op.drop_index(
            "ix_commitments_open",
            postgresql_where=sa.text("settled_at IS NULL"),
            sqlite_where=sa.text("settled_at IS NULL"),
        )

    op.drop_table("commitments")
    with op.batch_alter_table("assists", schema=None) as batch_op:
        batch_op.drop_index("ix_assists_unreported")
        batch_op.drop_index("ix_assists_unit")
        batch_op.drop_index("ix_assists_ticket")

    op.drop_table("assists")
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhooks_jurisdiction_id"))

    op.drop_table("webhooks")
    with op.batch_alter_table("trainings", schema=None) as batch_op:
        batch_op.drop_index("ix_trainings_place_held_on")

    op.drop_table("trainings")
    op.drop_table("intake_mappings")
    with op.batch_alter_table("intake_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_intake_keys_jurisdiction_id"))

    op.drop_table("intake_keys")
    with op.batch_alter_table("intake_files", schema=None) as batch_op:
        batch_op.drop_index("ix_intake_files_jurisdiction")

    op.drop_table("intake_files")
    with op.batch_alter_table("deputations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deputations_principal_id"))
        batch_op.drop_index("ix_deputations_deputy")

    op.drop_table("deputations")
    op.drop_table("recomputations")
