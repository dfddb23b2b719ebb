"""Spot checks: plans, draws, cases, looks, and what followed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inspection_plans",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("population", sa.String(length=10), nullable=False),
        sa.Column("share", sa.SmallInteger(), nullable=False),
        sa.Column("minimum", sa.SmallInteger(), nullable=False),
        sa.Column("spread", app.db.Json(), nullable=False),
        sa.Column("blind", sa.SmallInteger(), nullable=False),
        sa.Column("hold_minutes", sa.Integer(), nullable=False),
        sa.Column("weights", app.db.Json(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_inspection_plans_by_persons")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_inspection_plans_jurisdiction_id_jurisdictions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_plans")),
        sa.UniqueConstraint("jurisdiction_id", "number", name=op.f("uq_inspection_plans_jurisdiction_id")),
    )
    op.create_table(
        "inspection_draws",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=12), nullable=False),
        sa.Column("begins_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("ends_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("committed_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("voided_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("plan_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("drawn_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("design", app.db.JsonText(), nullable=True),
        sa.Column("frame", app.db.JsonText(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("population_hash", sa.String(length=64), nullable=True),
        sa.Column("sample", sa.Integer(), nullable=True),
        sa.Column("finished_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("journal_length", sa.Integer(), nullable=False),
        sa.Column("journal_head", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_inspection_draws_jurisdiction_id_jurisdictions")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["inspection_plans.id"], name=op.f("fk_inspection_draws_plan_id_inspection_plans")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_draws")),
    )
    with op.batch_alter_table("inspection_draws", schema=None) as batch_op:
        batch_op.create_index(
            "uq_inspection_draws_period",
            ["jurisdiction_id", "period", "begins_at"],
            unique=True,
            postgresql_where=sa.text("voided_at IS NULL"),
            sqlite_where=sa.text("voided_at IS NULL"),
        )
        batch_op.create_index(
            "ix_inspection_draws_waiting",
            ["ends_at"],
            unique=False,
            postgresql_where=sa.text("drawn_at IS NULL AND voided_at IS NULL"),
            sqlite_where=sa.text("drawn_at IS NULL AND voided_at IS NULL"),
        )

    op.create_table(
        "inspection_cases",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("draw_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reply_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("signals", app.db.Json(), nullable=False),
        sa.Column("second", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("grounds", app.db.Json(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("told_from", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("told_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("appeal_until", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["inspection_draws.id"], name=op.f("fk_inspection_cases_draw_id_inspection_draws")
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_inspection_cases_jurisdiction_id_jurisdictions")
        ),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_inspection_cases_reply_id_replies")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_inspection_cases_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_inspection_cases_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_cases")),
        sa.UniqueConstraint("draw_id", "ticket_id", name=op.f("uq_inspection_cases_draw_id")),
    )
    with op.batch_alter_table("inspection_cases", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inspection_cases_open",
            ["jurisdiction_id", "state"],
            unique=False,
            postgresql_where=sa.text("told_at IS NULL"),
            sqlite_where=sa.text("told_at IS NULL"),
        )
        batch_op.create_index("ix_inspection_cases_ticket", ["ticket_id"], unique=False)
        batch_op.create_index("ix_inspection_cases_told", ["jurisdiction_id", "told_at"], unique=False)

    op.create_table(
        "inspection_appeals",
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence_ids", app.db.Json(), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("decided_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("decided_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_inspection_appeals_by_persons")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["inspection_cases.id"], name=op.f("fk_inspection_appeals_case_id_inspection_cases")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["persons.id"], name=op.f("fk_inspection_appeals_decided_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_inspection_appeals_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_inspection_appeals_unit_id_units")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_inspection_appeals")),
    )
    with op.batch_alter_table("inspection_appeals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inspection_appeals_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "inspection_looks",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("nth", sa.SmallInteger(), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("claimed_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("grounds", app.db.Json(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("judged_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("former", app.db.Json(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_inspection_looks_by_persons")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["inspection_cases.id"], name=op.f("fk_inspection_looks_case_id_inspection_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_looks")),
        sa.UniqueConstraint("case_id", "by", name="uq_looks_person"),
        sa.UniqueConstraint("case_id", "nth", name=op.f("uq_inspection_looks_case_id")),
    )
    with op.batch_alter_table("inspection_looks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inspection_looks_by"), ["by"], unique=False)

    op.create_table(
        "inspection_rectifications",
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("due_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("rounds", app.db.Json(), nullable=False),
        sa.Column("ended_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("late_told_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["inspection_cases.id"], name=op.f("fk_inspection_rectifications_case_id_inspection_cases")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_inspection_rectifications_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_inspection_rectifications_unit_id_units")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_inspection_rectifications")),
    )
    with op.batch_alter_table("inspection_rectifications", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inspection_rectifications_open",
            ["unit_id"],
            unique=False,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_inspection_rectifications_ticket_id"), ["ticket_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("inspection_rectifications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inspection_rectifications_ticket_id"))
        batch_op.drop_index(
            "ix_inspection_rectifications_open",
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("inspection_rectifications")
    with op.batch_alter_table("inspection_looks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inspection_looks_by"))

    op.drop_table("inspection_looks")
    with op.batch_alter_table("inspection_appeals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inspection_appeals_ticket_id"))

    op.drop_table("inspection_appeals")
    with op.batch_alter_table("inspection_cases", schema=None) as batch_op:
        batch_op.drop_index("ix_inspection_cases_told")
        batch_op.drop_index("ix_inspection_cases_ticket")
        batch_op.drop_index(
            "ix_inspection_cases_open",
            postgresql_where=sa.text("told_at IS NULL"),
            sqlite_where=sa.text("told_at IS NULL"),
        )

    op.drop_table("inspection_cases")
    with op.batch_alter_table("inspection_draws", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_inspection_draws_period",
            postgresql_where=sa.text("voided_at IS NULL"),
            sqlite_where=sa.text("voided_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_inspection_draws_waiting",
            postgresql_where=sa.text("drawn_at IS NULL AND voided_at IS NULL"),
            sqlite_where=sa.text("drawn_at IS NULL AND voided_at IS NULL"),
        )

    op.drop_table("inspection_draws")
    op.drop_table("inspection_plans")
