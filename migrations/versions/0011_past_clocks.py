"""What a unit met or missed stays when the ticket goes to another one; deadlines are found by when they fall due.

Tickets that left a unit before this have no such rows: for them the rates say what they said.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "past_clocks",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("clock", sa.String(length=24), nullable=False),
        sa.Column("due_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.Column("met_at", app.db.UtcDateTime(length=24), nullable=True),
        sa.Column("left_at", app.db.UtcDateTime(length=24), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_past_clocks_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_past_clocks_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_clocks")),
    )
    op.create_index("ix_past_clocks_due", "past_clocks", ["clock", "due_at"], unique=False)
    op.create_index("ix_past_clocks_ticket", "past_clocks", ["ticket_id"], unique=False)
    op.create_index(
        "ix_ticket_clocks_deadline",
        "ticket_clocks",
        ["clock", "due_at"],
        unique=False,
        postgresql_where=sa.text("kind = 'deadline'"),
        sqlite_where=sa.text("kind = 'deadline'"),
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_clocks_deadline", table_name="ticket_clocks")
    op.drop_table("past_clocks")
