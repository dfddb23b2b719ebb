"""Whether a unit has been told that its time to put things right is running out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inspection_rectifications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("soon_told_at", app.db.UtcDateTime(length=24), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("inspection_rectifications", schema=None) as batch_op:
        batch_op.drop_column("soon_told_at")
