"""What a supervisor finds on the spot, and the photos taken there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_evidence_case_id_inspection_cases"), "inspection_cases", ["case_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_evidence_case_id"), ["case_id"], unique=False)
    op.create_table(
        "inspection_field_checks",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("claimed_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("finding", sa.String(length=8), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("evidence_ids", app.db.Json(), nullable=False),
        sa.Column("against_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("place", app.db.Json(), nullable=True),
        sa.ForeignKeyConstraint(
            ["against_id"], ["evidence.id"], name=op.f("fk_inspection_field_checks_against_id_evidence")
        ),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_inspection_field_checks_by_persons")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["inspection_cases.id"], name=op.f("fk_inspection_field_checks_case_id_inspection_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_field_checks")),
    )
    op.create_index("ix_inspection_field_checks_case", "inspection_field_checks", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_table("inspection_field_checks")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_case_id"))
        batch_op.drop_constraint(batch_op.f("fk_evidence_case_id_inspection_cases"), type_="foreignkey")
        batch_op.drop_column("case_id")
