"""Turns of duty that change hands, and leave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty_swaps",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("asker_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("colleague_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("return_day", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("settled_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["asker_id"], ["persons.id"], name=op.f("fk_duty_swaps_asker_id_persons")),
        sa.ForeignKeyConstraint(["colleague_id"], ["persons.id"], name=op.f("fk_duty_swaps_colleague_id_persons")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_duty_swaps_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_swaps")),
    )
    op.create_index("ix_duty_swaps_asker_state", "duty_swaps", ["asker_id", "state"], unique=False)
    op.create_index("ix_duty_swaps_colleague_state", "duty_swaps", ["colleague_id", "state"], unique=False)
    op.create_index("ix_duty_swaps_unit_day", "duty_swaps", ["unit_id", "day"], unique=False)
    op.create_table(
        "leaves",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("stand_in_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("starts_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("ends_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("taken_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_leaves_person_id_persons")),
        sa.ForeignKeyConstraint(["stand_in_id"], ["persons.id"], name=op.f("fk_leaves_stand_in_id_persons")),
        sa.ForeignKeyConstraint(["taken_by"], ["persons.id"], name=op.f("fk_leaves_taken_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaves")),
    )
    op.create_index("ix_leaves_person_ends_at", "leaves", ["person_id", "ends_at"], unique=False)


def downgrade() -> None:
    op.drop_table("leaves")
    op.drop_table("duty_swaps")
