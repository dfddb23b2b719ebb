"""Tables of tickets, their clocks, assignments, consultations, helping units and messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, SmallInteger, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, UtcDateTime
from app.journal.models import Chained


class Ticket(Chained, Base):
    """One request of one citizen. `version` counts every change that a phone must see.

    `closed_how` says which way it was closed (accepted, terminated, filed, …); `exempt` keeps it out of the rate of
    satisfaction (K2.8). `suspended_from` is the state it goes back to when a suspension ends.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_unit_state", "unit_id", "state"),
        Index("ix_tickets_unit_closed", "unit_id", "closed_at"),
        Index("ix_tickets_board", "jurisdiction_id", "state", "urgency", "next_due_at", "id"),
        Index("ix_tickets_urgent", "jurisdiction_id", "urgency", "next_due_at", "id"),
        # Number, title and state stand in it so that a search need not read the tickets themselves.
        Index("ix_tickets_received", "jurisdiction_id", "received_at", "id", "number", "title", "state"),
        Index("ix_tickets_caller", "jurisdiction_id", "caller_phone"),
        Index("ix_tickets_group", "jurisdiction_id", "category", "area", "received_at"),
        Index(
            "ix_tickets_escalated",
            "jurisdiction_id",
            "received_at",
            postgresql_where=text("escalated IS true"),
            sqlite_where=text("escalated IS 1"),
        ),
        # Of a hundred thousand tickets a few are given out more than once.
        Index(
            "ix_tickets_repeated",
            "jurisdiction_id",
            "assigned_count",
            postgresql_where=text("assigned_count > 1"),
            sqlite_where=text("assigned_count > 1"),
        ),
        Index("uq_tickets_number", "jurisdiction_id", "number", unique=True),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"))
    policy_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer, default=1)
    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(32))
    category: Mapped[str | None] = mapped_column(String(120))
    priority: Mapped[str] = mapped_column(String(16))
    urgency: Mapped[int] = mapped_column(SmallInteger)
    area: Mapped[str] = mapped_column(String(120))
    caller_name: Mapped[str | None] = mapped_column(String(64))
    caller_phone: Mapped[str | None] = mapped_column(String(32))
    caller_address: Mapped[str | None] = mapped_column(String(240))
    anonymous: Mapped[bool] = mapped_column(Boolean, default=False)
    confidential: Mapped[bool] = mapped_column(Boolean, default=False)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)

    state: Mapped[str] = mapped_column(String(16))
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    handler_id: Mapped[str | None] = mapped_column(ForeignKey("persons.id"), index=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    dispatched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_how: Mapped[str | None] = mapped_column(String(16))
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    exempt: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    suspended_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suspended_from: Mapped[str | None] = mapped_column(String(16))
    feedback_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    redo_count: Mapped[int] = mapped_column(Integer, default=0)
    # Whose signature the reply waits for inside the unit: lists show who holds a ticket without reading its replies.
    signer: Mapped[str | None] = mapped_column(String(48))
    signer_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported_note: Mapped[str | None] = mapped_column(Text)
    centre_signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    centre_signed_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    # Who has spoken with the caller stands here too: dispatch and signing ask for it, and field work is a floor above.
    centre_tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    centre_reached_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unit_tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    assigned_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    escalated: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())


class TicketClock(Base):
    """One running or ended clock of a ticket, with the words that explain it.

    `kind` deadline: missing it is recorded; guard: afterwards the command is refused; target: shown only; mark: a
    point for reminders. `rests` are the times in which it stood still (挂单), as [from, to] in ISO form; an approved
    extension, which gives the end itself, forgets them.
    """

    __tablename__ = "ticket_clocks"
    __table_args__ = (
        Index(
            "ix_ticket_clocks_deadline",
            "clock",
            "due_at",
            postgresql_where=text("kind = 'deadline'"),
            sqlite_where=text("kind = 'deadline'"),
        ),
    )

    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    clock: Mapped[str] = mapped_column(String(24), primary_key=True)
    label: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rests: Mapped[list[list[str]] | None] = mapped_column(Json)
    provisional: Mapped[bool] = mapped_column(Boolean, default=False)
    derivation: Mapped[str] = mapped_column(String(200))
    cite: Mapped[str] = mapped_column(String(40))
    assumed: Mapped[bool] = mapped_column(Boolean, default=False)


class PastClock(Base):
    """A deadline that a unit met or missed before the ticket left it for another one, or went back to the station.

    The next unit's clocks take the place of the last one's; what the last one did counts for it all the same (D3.1).
    """

    __tablename__ = "past_clocks"
    __table_args__ = (Index("ix_past_clocks_due", "clock", "due_at"), Index("ix_past_clocks_ticket", "ticket_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    clock: Mapped[str] = mapped_column(String(24))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Assignment(Base):
    """Which unit had the ticket when; the open one has no `until`."""

    __tablename__ = "assignments"
    __table_args__ = (Index("ix_assignments_ticket", "ticket_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    grounds: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ground: Mapped[str | None] = mapped_column(String(24))
    instructed_by: Mapped[str | None] = mapped_column(String(64))
    consultation_id: Mapped[str | None] = mapped_column(ForeignKey("consultations.id"))
    binding: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())


class Consultation(Base):
    """Units and station agreed, or did not, who handles a ticket: before dispatch or because duty is disputed.

    `lead_unit_id` is who handles it in the end: agreed on, the convening unit when nothing was agreed, or the one
    that the leader `named_by` named.
    """

    __tablename__ = "consultations"
    __table_args__ = (Index("ix_consultations_ticket", "ticket_id"), Index("ix_consultations_held", "kind", "held_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(String(16))
    on_site: Mapped[bool] = mapped_column(Boolean, default=False)
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    participants: Mapped[list[Any]] = mapped_column(Json)
    convened_by: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    minutes: Mapped[str] = mapped_column(Text)
    agreed: Mapped[bool] = mapped_column(Boolean)
    lead_unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    co_unit_ids: Mapped[list[Any]] = mapped_column(Json)
    named_by: Mapped[str | None] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Assist(Base):
    """One 办理联系单: a unit that helps the one answerable for the ticket, asked what, until when, and its report.

    `kind` assist: 协办; whistle: 基层吹哨、部门报到. The open one has no `ended_at`; it ends when the ticket moves on.
    """

    __tablename__ = "assists"
    __table_args__ = (
        Index("ix_assists_ticket", "ticket_id"),
        Index("ix_assists_unit", "unit_id", "ended_at"),
        Index("ix_assists_unreported", "reported_at", "due_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[str] = mapped_column(String(8))
    asking_unit_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    asked_by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    what: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    report: Mapped[str | None] = mapped_column(Text)
    reported_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    late_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DirectAnswer(Base):
    """What the station answered itself, without a unit: not ours, from a template, or nothing to be done."""

    __tablename__ = "direct_answers"

    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    way: Mapped[str] = mapped_column(String(24))
    label: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    template: Mapped[str | None] = mapped_column(String(120))
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Message(Base):
    """One message of the thread between unit and station on a ticket (D6.3)."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_ticket", "ticket_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    role: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
