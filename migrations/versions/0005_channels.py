"""A notice can go to contact points of many channels; what was a push subscription is one of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Id = sa.Uuid(as_uuid=False)
At = app.db.UtcDateTime(length=24)
_DUE = {"postgresql_where": sa.text("state = 'pending'"), "sqlite_where": sa.text("state = 'pending'")}
_FAILED = {"postgresql_where": sa.text("state = 'failed'"), "sqlite_where": sa.text("state = 'failed'")}
OVER = {
    "postgresql": "INSERT INTO contact_points (id, channel, person_id, device_id, label, address, address_hash, keys,"
    " created_at, verified_at) SELECT s.id, 'webpush', s.person_id, s.device_id, left(d.name, 64), s.endpoint,"
    " s.endpoint_hash, jsonb_build_object('p256dh', s.p256dh, 'auth', s.auth), s.created_at, s.created_at"
    " FROM push_subscriptions s JOIN devices d ON d.id = s.device_id",
    "sqlite": "INSERT INTO contact_points (id, channel, person_id, device_id, label, address, address_hash, keys,"
    " created_at, verified_at) SELECT s.id, 'webpush', s.person_id, s.device_id, substr(d.name, 1, 64), s.endpoint,"
    " s.endpoint_hash, json_object('p256dh', s.p256dh, 'auth', s.auth), s.created_at, s.created_at"
    " FROM push_subscriptions s JOIN devices d ON d.id = s.device_id",
}
BACK = {
    "postgresql": "INSERT INTO push_subscriptions (id, person_id, device_id, endpoint, endpoint_hash, p256dh, auth,"
    " created_at) SELECT id, person_id, device_id, address, address_hash, keys ->> 'p256dh', keys ->> 'auth',"
    " created_at FROM contact_points WHERE channel = 'webpush'",
    "sqlite": "INSERT INTO push_subscriptions (id, person_id, device_id, endpoint, endpoint_hash, p256dh, auth,"
    " created_at) SELECT id, person_id, device_id, address, address_hash, json_extract(keys, '$.p256dh'),"
    " json_extract(keys, '$.auth'), created_at FROM contact_points WHERE channel = 'webpush'",
}


def _place() -> sa.Column:
    return sa.Column("jurisdiction_id", sa.String(32), sa.ForeignKey("jurisdictions.id"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "contact_points",
        sa.Column("id", Id, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("person_id", Id, sa.ForeignKey("persons.id"), nullable=True),
        sa.Column("unit_id", Id, sa.ForeignKey("units.id"), nullable=True),
        sa.Column("device_id", Id, sa.ForeignKey("devices.id"), nullable=True),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("keys", app.db.Json(), nullable=False),
        sa.Column("created_at", At, nullable=False),
        sa.Column("verified_at", At, nullable=True),
        sa.Column("refused_at", At, nullable=True),
        sa.Column("refused_why", sa.String(120), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_contact_points"),
        sa.UniqueConstraint("channel", "address_hash", name="uq_contact_points_channel"),
        sa.UniqueConstraint("device_id", name="uq_contact_points_device_id"),
    )
    op.create_index("ix_contact_points_person", "contact_points", ["person_id"])
    op.create_index("ix_contact_points_unit", "contact_points", ["unit_id"])
    op.execute(OVER[op.get_bind().dialect.name])
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_index("ix_deliveries_due", **_DUE)
        batch.drop_index("ix_deliveries_subscription")
        batch.drop_constraint("uq_deliveries_notice_id", type_="unique")
        batch.drop_constraint("fk_deliveries_subscription_id_push_subscriptions", type_="foreignkey")
        batch.alter_column("subscription_id", new_column_name="contact_id", existing_type=Id, existing_nullable=True)
        batch.add_column(sa.Column("channel", sa.String(16), nullable=False, server_default="webpush"))
        batch.add_column(sa.Column("to_group", sa.Boolean(), nullable=False, server_default=sa.text("false")))
        batch.add_column(sa.Column("part", sa.String(8), nullable=False, server_default="with"))
        batch.add_column(sa.Column("urgency", sa.String(8), nullable=False, server_default="normal"))
        batch.add_column(sa.Column("asked_at", At, nullable=True))
        batch.add_column(sa.Column("code", sa.String(40), nullable=True))
    with op.batch_alter_table("deliveries") as batch:
        for name in ("channel", "part", "urgency"):
            batch.alter_column(name, server_default=None, existing_type=sa.String(16), existing_nullable=False)
        batch.create_foreign_key("fk_deliveries_contact_id_contact_points", "contact_points", ["contact_id"], ["id"])
        batch.create_unique_constraint("uq_deliveries_notice_id", ["notice_id", "channel", "contact_id"])
        batch.create_index("ix_deliveries_due", ["next_attempt_at"], **_DUE)
        batch.create_index("ix_deliveries_failed", ["next_attempt_at"], **_FAILED)
        batch.create_index("ix_deliveries_contact", ["contact_id"])
    with op.batch_alter_table("push_subscriptions") as batch:
        batch.drop_index("ix_push_subscriptions_person_id")
    op.drop_table("push_subscriptions")  # every row stands in contact_points now
    op.create_table(
        "channel_settings",
        _place(),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("options", app.db.Json(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("secret_names", app.db.Json(), nullable=False),
        sa.Column("changed_by", Id, sa.ForeignKey("persons.id"), nullable=False),
        sa.Column("changed_at", At, nullable=False),
        sa.PrimaryKeyConstraint("jurisdiction_id", "channel", name="pk_channel_settings"),
    )
    op.create_table(
        "channel_routes",
        _place(),
        sa.Column("urgency", sa.String(8), nullable=False),
        sa.Column("route", app.db.Json(), nullable=False),
        sa.Column("changed_by", Id, sa.ForeignKey("persons.id"), nullable=False),
        sa.Column("changed_at", At, nullable=False),
        sa.PrimaryKeyConstraint("jurisdiction_id", "urgency", name="pk_channel_routes"),
    )
    op.create_table(
        "channel_preferences",
        sa.Column("person_id", Id, sa.ForeignKey("persons.id"), nullable=False),
        sa.Column("muted", app.db.Json(), nullable=False),
        sa.Column("preferred", sa.String(16), nullable=True),
        sa.Column("changed_at", At, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_channel_preferences"),
    )
    op.create_table(
        "channel_tokens",
        _place(),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("name", sa.String(24), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("expires_at", At, nullable=False),
        sa.PrimaryKeyConstraint("jurisdiction_id", "channel", "name", name="pk_channel_tokens"),
    )
    op.create_table(
        "channel_bindings",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("person_id", Id, sa.ForeignKey("persons.id"), nullable=False),
        sa.Column("device_id", Id, nullable=True),
        sa.Column("address", sa.String(200), nullable=True),
        sa.Column("expires_at", At, nullable=False),
        sa.Column("used_at", At, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_channel_bindings"),
    )
    op.create_index("ix_channel_bindings_expires", "channel_bindings", ["expires_at"])
    op.create_table(
        "channel_heard",
        _place(),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("message_id", sa.String(80), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("at", At, nullable=False),
        sa.PrimaryKeyConstraint("jurisdiction_id", "channel", "message_id", name="pk_channel_heard"),
    )
    op.create_index("ix_channel_heard_at", "channel_heard", ["at"])


def downgrade() -> None:
    """Only pushes to browsers are left; what went by other channels has no place in the schema before."""
    for table in ("channel_heard", "channel_bindings", "channel_tokens", "channel_preferences", "channel_routes"):
        op.drop_table(table)
    op.drop_table("channel_settings")
    op.create_table(
        "push_subscriptions",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("device_id", Id, nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("endpoint_hash", sa.String(64), nullable=False),
        sa.Column("p256dh", sa.String(100), nullable=False),
        sa.Column("auth", sa.String(40), nullable=False),
        sa.Column("created_at", At, nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name="fk_push_subscriptions_device_id_devices"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_push_subscriptions_person_id_persons"),
        sa.PrimaryKeyConstraint("id", name="pk_push_subscriptions"),
        sa.UniqueConstraint("device_id", name="uq_push_subscriptions_device_id"),
        sa.UniqueConstraint("endpoint_hash", name="uq_push_subscriptions_endpoint_hash"),
    )
    op.create_index("ix_push_subscriptions_person_id", "push_subscriptions", ["person_id"])
    op.execute(BACK[op.get_bind().dialect.name])
    op.execute("DELETE FROM deliveries WHERE channel <> 'webpush'")
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_index("ix_deliveries_due", **_DUE)
        batch.drop_index("ix_deliveries_failed", **_FAILED)
        batch.drop_index("ix_deliveries_contact")
        batch.drop_constraint("uq_deliveries_notice_id", type_="unique")
        batch.drop_constraint("fk_deliveries_contact_id_contact_points", type_="foreignkey")
        batch.alter_column("contact_id", new_column_name="subscription_id", existing_type=Id, existing_nullable=True)
        for name in ("channel", "to_group", "part", "urgency", "asked_at", "code"):
            batch.drop_column(name)
    with op.batch_alter_table("deliveries") as batch:
        batch.create_foreign_key(
            "fk_deliveries_subscription_id_push_subscriptions", "push_subscriptions", ["subscription_id"], ["id"]
        )
        batch.create_unique_constraint("uq_deliveries_notice_id", ["notice_id", "subscription_id"])
        batch.create_index("ix_deliveries_due", ["next_attempt_at"], **_DUE)
        batch.create_index("ix_deliveries_subscription", ["subscription_id"])
    op.drop_table("contact_points")
