"""What one ticket should come to, as plain data: the reference the server is compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Outcome = tuple[str, str | None]
APPLIED: Outcome = ("applied", None)
SIGNED_FOR = "handling"
WAITING = "dispatched"


def refused(code: str) -> Outcome:
    return ("refused", code)


@dataclass
class Model:
    """One ticket of the town, and every command that has reached the server, each judged once."""

    state: str = WAITING
    with_town: bool = True
    changes: int = 0
    events: list[str] = field(default_factory=list)
    records: dict[str, list[str]] = field(default_factory=lambda: {"messages": [], "contacts": [], "visits": []})
    draft: dict[str, str] | None = None
    receipts: dict[str, Outcome] = field(default_factory=dict)

    def arrive(self, command: dict[str, Any]) -> tuple[Outcome, bool]:
        """Return the command's outcome and whether it had been here before."""
        known = self.receipts.get(command["id"])
        if known is not None:
            return known, True
        outcome = self._judge(command["name"], command["args"])
        self.receipts[command["id"]] = outcome
        return outcome, False

    def _judge(self, name: str, args: dict[str, Any]) -> Outcome:
        if name == "ticket.reassign":
            return self._reassign()
        if name == "ticket.fly":
            return refused("command_unknown")
        if not args and name != "ticket.sign":
            return refused("command_invalid")
        if not self.with_town:
            return refused("ticket_reassigned")
        return {
            "ticket.sign": self._sign, "thread.post": self._post, "contact.record": self._contact,
            "visit.record": self._visit, "draft.save": self._save,
        }[name](args)  # fmt: skip

    def _change(self, event: str | None) -> Outcome:
        self.changes += 1
        if event:
            self.events.append(event)
        return APPLIED

    def _reassign(self) -> Outcome:
        if not self.with_town:
            return refused("same_unit")
        self.state, self.with_town = WAITING, False
        return self._change("ticket.reassigned")

    def _sign(self, args: dict[str, Any]) -> Outcome:
        if self.state != WAITING:
            return refused("state_wrong")
        self.state = SIGNED_FOR
        return self._change("ticket.signed")

    def _post(self, args: dict[str, Any]) -> Outcome:
        return self._keep("messages", args["message_id"], "thread.posted")

    def _contact(self, args: dict[str, Any]) -> Outcome:
        return self._keep("contacts", args["contact_id"], "contact.recorded")

    def _visit(self, args: dict[str, Any]) -> Outcome:
        if self.state != SIGNED_FOR:
            return refused("state_wrong")
        return self._keep("visits", args["visit_id"], "visit.recorded")

    def _keep(self, kind: str, identity: str, event: str) -> Outcome:
        if identity in self.records[kind]:
            return refused("id_taken")
        self.records[kind].append(identity)
        return self._change(event)

    def _save(self, args: dict[str, Any]) -> Outcome:
        if self.state != SIGNED_FOR:
            return refused("state_wrong")
        self.draft = args["parts"]
        return self._change(None)
