"""Daily seals over the journal with their stamps, and evidence bundles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_roots",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_day_roots")),
        sa.UniqueConstraint("root", name=op.f("uq_day_roots_root")),
    )
    op.create_table(
        "day_leaves",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["day"], ["day_roots.day"], name=op.f("fk_day_leaves_day_day_roots")),
        sa.PrimaryKeyConstraint("day", "position", name=op.f("pk_day_leaves")),
        sa.UniqueConstraint("subject_id", "length", name=op.f("uq_day_leaves_subject_id")),
    )
    op.create_table(
        "root_stamps",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("stamped_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["day"], ["day_roots.day"], name=op.f("fk_root_stamps_day_day_roots")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_root_stamps")),
    )
    op.create_table(
        "bundles",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("asked_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("asked_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("unmasked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("ended_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("expires_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["persons.id"], name=op.f("fk_bundles_asked_by_persons")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_bundles_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundles")),
    )
    with op.batch_alter_table("bundles", schema=None) as batch_op:
        batch_op.create_index("ix_bundles_state", ["state"], unique=False)
        batch_op.create_index("ix_bundles_ticket", ["ticket_id", "asked_at"], unique=False)


def downgrade() -> None:
    op.drop_table("bundles")
    op.drop_table("root_stamps")
    op.drop_table("day_leaves")
    op.drop_table("day_roots")
