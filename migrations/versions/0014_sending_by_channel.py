"""What is due is looked for by channel: a pile for one of them is not in the way of the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
_PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    _index("channel", "next_attempt_at")


def downgrade() -> None:
    _index("next_attempt_at")


def _index(*columns: str) -> None:
    op.drop_index("ix_deliveries_due", table_name="deliveries")
    op.create_index("ix_deliveries_due", "deliveries", list(columns), postgresql_where=_PENDING, sqlite_where=_PENDING)
