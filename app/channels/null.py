"""The channel that reaches nobody: for a deployment that has none configured, and for tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.channels.channel import Message, Outcome, Result


@dataclass
class NullChannel:
    """Refuses every message for good, because nobody will ever get it; keeps it for whoever looks."""

    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Outcome:
        """Keep the message and say that it reached nobody."""
        self.sent.append(message)
        return Outcome(Result.NEVER, "此渠道尚未启用", code="not_configured")
