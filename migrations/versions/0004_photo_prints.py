"""What photos are recognised by, so that one used before is found again."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo_prints",
        sa.Column("evidence_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("prints", sa.LargeBinary(), nullable=False),
        sa.Column("detail", sa.Float(), nullable=False),
        sa.Column("recapture", sa.Float(), nullable=True),
        sa.Column("recapture_reason", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_photo_prints_evidence_id_evidence")),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_photo_prints")),
        sa.UniqueConstraint("position", name=op.f("uq_photo_prints_position")),
    )
    with op.batch_alter_table("photo_prints", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_photo_prints_version"), ["version"], unique=False)

    shelf = op.create_table(
        "print_shelf",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.Column("stamp", sa.Uuid(as_uuid=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_shelf")),
    )
    op.bulk_insert(shelf, [{"id": 1, "next": 0, "stamp": str(uuid.uuid4())}])


def downgrade() -> None:
    op.drop_table("print_shelf")
    with op.batch_alter_table("photo_prints", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_photo_prints_version"))

    op.drop_table("photo_prints")
