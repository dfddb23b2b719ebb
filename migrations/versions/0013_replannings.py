"""Runs that plan the reminders of all open tickets anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "replannings",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("jurisdiction_id", sa.String(length=32), nullable=False),
        sa.Column("policy_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("asked_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("started_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("finished_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("failed_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("after_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_replannings_jurisdiction_id_jurisdictions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replannings")),
    )
    op.create_index("ix_replannings_asked", "replannings", ["jurisdiction_id", "asked_at"], unique=False)


def downgrade() -> None:
    op.drop_table("replannings")
