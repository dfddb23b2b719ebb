"""What a phone knows of a capture beyond the file: several fixes, the beacon it held, the device; and the strip."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBERS = ("samples", "display_width", "display_height", "strip_px")
MEASURES = ("spread_m", "span_s")
INSTANTS = ("issued_at", "opened_at")


def upgrade() -> None:
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        for name in NUMBERS:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
        for name in MEASURES:
            batch_op.add_column(sa.Column(name, sa.Float(), nullable=True))
        for name in INSTANTS:
            batch_op.add_column(sa.Column(name, app.db.UtcDateTime(length=24), nullable=True))
        batch_op.add_column(sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_evidence_device_id_devices"), "devices", ["device_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_evidence_device_id_devices"), type_="foreignkey")
        for name in ("device_id", *INSTANTS, *MEASURES, *NUMBERS):
            batch_op.drop_column(name)
