"""SMS through a gateway that speaks one small documented protocol (docs/channels.md): signed JSON, a word in answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app import clock, signing
from app.channels import forms
from app.channels.answers import SMS, outcome_of
from app.channels.channel import Message, Outcome
from app.channels.outside import Outside, Unreachable

NAME: Final = "短信网关"
LONGEST: Final = 68
"""Characters that go as one message with a signature in front; a longer one would be charged and torn in two."""


@dataclass(frozen=True)
class Sms:
    """One gateway. `options` and `secrets` are those of `catalogue.FIELDS`."""

    options: Mapping[str, str]
    secrets: Mapping[str, str]
    outside: Outside
    now: Callable[[], datetime]

    def send(self, message: Message) -> Outcome:
        """Hand the text over; the id is the same at every attempt, and the gateway sends an id once."""
        sign = f"【{self.options['sign_name']}】" if self.options.get("sign_name") else ""
        text = f"{sign}{message.title} {message.body}"
        body = {"id": message.topic, "phone": message.address, "text": text[:LONGEST]}
        if self.options.get("template_id"):
            values = forms.fill(self.options.get("template_form", ""), message.facts)
            body |= {"template": self.options["template_id"], "params": values}  # type: ignore[dict-item]
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        seconds = clock.to_epoch_ms(self.now()) // 1000
        headers = {
            "X-Doorstep-Account": self.options.get("account", ""),
            "X-Doorstep-Event": message.topic,
            "X-Doorstep-Timestamp": str(seconds),
            "X-Doorstep-Signature": signing.sign(self.secrets["secret"], seconds, message.topic, raw),
        }
        try:
            answer = self.outside.ask("POST", self.options["url"], raw=raw, headers=headers)
        except Unreachable as error:
            return error.outcome
        return outcome_of(SMS, NAME, str(answer.get("code", "")), str(answer.get("message", "")))
