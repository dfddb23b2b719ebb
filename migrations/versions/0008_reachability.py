"""Daily reminders, weekly trials of who can be reached, and the station's trial calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminder_occasions",
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("closes_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("reported_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_reminder_occasions_jurisdiction_id_jurisdictions")
        ),
        sa.PrimaryKeyConstraint("jurisdiction_id", "kind", "day", name=op.f("pk_reminder_occasions")),
    )
    op.create_table(
        "reach_calls",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_reach_calls_by_persons")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_reach_calls_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reach_calls")),
    )
    with op.batch_alter_table("reach_calls", schema=None) as batch_op:
        batch_op.create_index("ix_reach_calls_person_at", ["person_id", "at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("reach_calls", schema=None) as batch_op:
        batch_op.drop_index("ix_reach_calls_person_at")
    op.drop_table("reach_calls")
    op.drop_table("reminder_occasions")
