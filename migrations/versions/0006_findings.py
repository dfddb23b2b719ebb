"""What is doubtful about evidence: measures of files, findings, and the runs that look again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_measures",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("software", app.db.Json(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("silent", sa.Float(), nullable=True),
        sa.Column("repeated", sa.Float(), nullable=True),
        sa.Column("tonal", sa.Float(), nullable=True),
        sa.Column("print", sa.LargeBinary(), nullable=True),
        sa.Column("measured_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_evidence_measures")),
    )
    op.create_table(
        "evidence_sound_matches",
        sa.Column("first", sa.String(length=64), nullable=False),
        sa.Column("second", sa.String(length=64), nullable=False),
        sa.Column("alike_s", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("first", "second", name=op.f("pk_evidence_sound_matches")),
    )
    with op.batch_alter_table("evidence_sound_matches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_sound_matches_second"), ["second"], unique=False)

    op.create_table(
        "finding_runs",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("rules", sa.String(length=32), nullable=False),
        sa.Column("asked_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("finished_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("failed_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("after_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_finding_runs_jurisdiction_id_jurisdictions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_runs")),
    )
    with op.batch_alter_table("finding_runs", schema=None) as batch_op:
        batch_op.create_index("ix_finding_runs_jurisdiction", ["jurisdiction_id", "asked_at"], unique=False)

    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("evidence_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("other_ticket_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("other_evidence_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("severity_rank", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", app.db.Json(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("rules", sa.String(length=32), nullable=False),
        sa.Column("raised_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("changed_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("lapsed_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("dismissed_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("dismissed_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("dismissed_reason", sa.Text(), nullable=True),
        sa.Column("journal_length", sa.Integer(), nullable=False),
        sa.Column("journal_head", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["dismissed_by"], ["persons.id"], name=op.f("fk_findings_dismissed_by_persons")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_findings_evidence_id_evidence")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_findings_jurisdiction_id_jurisdictions")
        ),
        sa.ForeignKeyConstraint(
            ["other_evidence_id"], ["evidence.id"], name=op.f("fk_findings_other_evidence_id_evidence")
        ),
        sa.ForeignKeyConstraint(["other_ticket_id"], ["tickets.id"], name=op.f("fk_findings_other_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_findings_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_findings_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_findings_board", ["jurisdiction_id", "severity_rank", "raised_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_findings_open",
            ["jurisdiction_id", "severity_rank", "raised_at"],
            unique=False,
            postgresql_where=sa.text("dismissed_at IS NULL AND lapsed_at IS NULL"),
            sqlite_where=sa.text("dismissed_at IS NULL AND lapsed_at IS NULL"),
        )
        batch_op.create_index("ix_findings_other", ["other_ticket_id"], unique=False)
        batch_op.create_index("ix_findings_ticket", ["ticket_id"], unique=False)

    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index("ix_evidence_person", ["declared_by", "captured_at"], unique=False)

    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.create_index("ix_visits_person", ["by", "arrived_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_index("ix_visits_person")

    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index("ix_evidence_person")

    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.drop_index("ix_findings_ticket")
        batch_op.drop_index("ix_findings_other")
        batch_op.drop_index(
            "ix_findings_open",
            postgresql_where=sa.text("dismissed_at IS NULL AND lapsed_at IS NULL"),
            sqlite_where=sa.text("dismissed_at IS NULL AND lapsed_at IS NULL"),
        )
        batch_op.drop_index("ix_findings_board")

    op.drop_table("findings")
    with op.batch_alter_table("finding_runs", schema=None) as batch_op:
        batch_op.drop_index("ix_finding_runs_jurisdiction")

    op.drop_table("finding_runs")
    with op.batch_alter_table("evidence_sound_matches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_sound_matches_second"))

    op.drop_table("evidence_sound_matches")
    op.drop_table("evidence_measures")
