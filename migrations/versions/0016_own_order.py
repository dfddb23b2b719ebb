"""A person's own order of channels, and the hours in which what can wait is to wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel_preferences", sa.Column("ordered", app.db.Json(), nullable=True))
    op.add_column("channel_preferences", sa.Column("quiet_from", sa.Time(), nullable=True))
    op.add_column("channel_preferences", sa.Column("quiet_until", sa.Time(), nullable=True))


def downgrade() -> None:
    op.drop_column("channel_preferences", "quiet_until")
    op.drop_column("channel_preferences", "quiet_from")
    op.drop_column("channel_preferences", "ordered")
