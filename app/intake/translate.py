"""From a line of a file, or an upstream platform's request, to the arguments of `ticket.intake`. Pure but for parsing.

What the platform writes (投诉, 紧急) becomes what the profile calls it; what cannot be understood is told per column.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from marshmallow import ValidationError

from app.intake import cells
from app.intake.columns import BY_KEY
from app.people.masking import mask_address
from app.policies.policy import Policy
from app.tickets.schemas import Intake

KIND_LABELS: Final = {
    "咨询": "consult", "求助": "help", "投诉": "complaint", "举报": "report", "建议": "suggestion",
    "意见": "suggestion", "意见建议": "suggestion", "表扬": "praise", "感谢": "praise",
}  # fmt: skip
_USUAL_KINDS: Final = ("咨询", "求助", "投诉", "举报", "建议")
PRIORITY_LABELS: Final = {
    "紧急": "urgent", "特急": "urgent", "加急": "urgent", "急": "urgent", "急件": "urgent", "突发": "urgent",
    "是": "urgent", "一般": "normal", "普通": "normal", "正常": "normal", "平件": "normal", "非紧急": "normal",
    "不紧急": "normal", "否": "normal",
}  # fmt: skip
SOURCE_LABELS: Final = dict.fromkeys(
    ("12345热线", "12345政务服务便民热线", "12345市民服务热线", "政务服务热线", "市民热线", "热线"),
    "12345",
)
TITLE_FROM_CONTENT: Final = 40
"""Characters of the content that make a title where the export has none."""
_ENDINGS: Final = ("类工单", "工单", "类", "件", "型")
_NOBODY: Final = ("匿名", "无", "不详", "未知", "-", "/")
_SCHEMA: Final = Intake()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line cannot come in: the column's index (None when the column is missing), the field, the reason."""

    field: str | None
    column: int | None
    text: str

    def wire(self) -> dict[str, Any]:
        """Return the fault as it is kept and shown."""
        label = BY_KEY[self.field].label if self.field in BY_KEY else None
        return {"field": self.field, "label": label, "column": self.column, "text": self.text}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the place calls things: normalised label (or key) → key, and the (key, label) pairs to choose from."""

    known: Mapping[str, Mapping[str, str]]
    choices: Mapping[str, tuple[tuple[str, str], ...]]
    free: frozenset[str] = frozenset()

    def key_of(self, name: str, written: str) -> str | None:
        """Return the key for what the platform wrote, None when the place does not know it."""
        bare = _bare(written)
        found = self.known[name].get(bare)
        for ending in _ENDINGS:
            found = found or (self.known[name].get(bare.removesuffix(ending)) if bare.endswith(ending) else None)
        if found is None and name in self.free:
            return written
        return found


def _bare(written: str) -> str:
    return unicodedata.normalize("NFKC", written).strip().lower()


def vocabulary_of(policy: Policy) -> Vocabulary:
    """Return the words of a policy; one that lists no kinds knows the five of the wire, one without sources any."""
    kinds = [(option.key, option.label) for option in policy.kinds] or [
        (key, label) for label, key in KIND_LABELS.items() if label in _USUAL_KINDS
    ]
    sources = [(option.key, option.label) for option in policy.sources]
    choices = {
        "kind": tuple(kinds),
        "source": tuple(sources),
        "priority": tuple((priority.key, priority.label) for priority in policy.priorities),
    }
    usual = {"kind": KIND_LABELS, "source": SOURCE_LABELS, "priority": PRIORITY_LABELS}
    return Vocabulary(
        known={name: _words(options, usual.get(name, {})) for name, options in choices.items()},
        choices=choices,
        free=frozenset() if sources else frozenset({"source"}),
    )


def _words(options: Iterable[tuple[str, str]], usual: Mapping[str, str]) -> dict[str, str]:
    """The place's own labels win over what they usually mean elsewhere."""
    pairs = list(options)
    keys = {key for key, _ in pairs}
    found = {label: key for label, key in usual.items() if key in keys}
    return found | {_bare(label): key for key, label in pairs} | {_bare(key): key for key in keys}


@dataclass(frozen=True, slots=True)
class Reading:
    """How the lines of one file are to be read."""

    columns: Mapping[str, int]
    vocabulary: Vocabulary
    zone: str
    date1904: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def translate(self, line: Sequence[cells.Cell]) -> tuple[dict[str, Any] | None, str | None, list[Fault]]:
        """Return (loaded arguments or None, the ticket's number if it can be read, faults)."""
        faults: list[Fault] = []
        values = {key: self._value(key, line, faults) for key in BY_KEY}
        number = values["number"] if isinstance(values["number"], str) else None
        self._require(values, line, faults)
        if faults:
            return None, number, faults
        try:
            args: dict[str, Any] = _SCHEMA.load(_wire(values))
        except ValidationError as error:
            return None, number, [self._fault(path, text) for path, text in flat(error.normalized_messages())]
        return args, number, []

    def _value(self, key: str, line: Sequence[cells.Cell], faults: list[Fault]) -> Any:
        column = self.columns.get(key)
        cell = line[column] if column is not None and column < len(line) else None
        try:
            if cells.is_empty(cell):
                return self.defaults.get(key)
            return self._understood(key, cell)
        except cells.Unusable as problem:
            faults.append(self._fault(key, str(problem)))
            return None

    def _understood(self, key: str, cell: cells.Cell) -> Any:
        reader = _READERS.get(key)
        if reader is not None:
            return reader(cell)
        if key in ("received_at", "feedback_by"):
            return cells.instant(cell, self.zone, self.date1904, end_of_day=key == "feedback_by")
        if key in self.vocabulary.known:
            return self._key(key, cells.text(cell))
        return cells.text(cell)

    def _key(self, name: str, written: str) -> str:
        meant = self.meanings.get(name, {}).get(written)
        found = meant or self.vocabulary.key_of(name, written)
        if found is None:
            choices = "、".join(label for _, label in self.vocabulary.choices[name])
            raise cells.Unusable(f"“{written[:20]}”不认识，可填：{choices}")
        return found

    def _require(self, values: dict[str, Any], line: Sequence[cells.Cell], faults: list[Fault]) -> None:
        told = {fault.field for fault in faults}
        for key, spec in BY_KEY.items():
            if spec.required and not values[key] and key not in told:
                missing = "没有填写" if key in self.columns else "文件里没有这一列，请指定列或填写统一的值"
                faults.append(self._fault(key, missing))

    def _fault(self, key: str, text: str) -> Fault:
        return Fault(key, self.columns.get(key), text.rstrip("。"))


_READERS: Final[Mapping[str, Callable[[cells.Cell], Any]]] = {
    "number": cells.identifier,
    "caller_phone": cells.identifier,
    "anonymous": cells.yes,
    "confidential": cells.yes,
}


def _wire(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as `ticket.intake` takes them over the wire."""
    name = values["caller_name"]
    nameless = name in _NOBODY
    address, content = values["caller_address"] or None, values["content"] or ""
    return {
        "number": values["number"],
        "title": values["title"] or _first_words(content),
        "content": content,
        "kind": values["kind"],
        "source": values["source"],
        "category": values["category"] or None,
        # Shown to everyone who sees the ticket: house and room stay with the caller's address.
        "area": mask_address(values["area"]),
        "caller": {
            "name": None if nameless else name or None,
            "phone": values["caller_phone"] or None,
            "address": address,
            "anonymous": bool(values["anonymous"]) or name == "匿名",
            "confidential": bool(values["confidential"]),
        },
        "received_at": _iso(values["received_at"]),
        "feedback_by": _iso(values["feedback_by"]),
    } | ({"priority": values["priority"]} if values["priority"] else {})


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _first_words(content: str) -> str:
    line = content.strip().partition("\n")[0]
    return line if len(line) <= TITLE_FROM_CONTENT else line[:TITLE_FROM_CONTENT] + "…"


def flat(messages: Any, path: str = "") -> list[tuple[str, str]]:
    """Return marshmallow's nested messages as (field, text); a caller's field is called as its column is."""
    if isinstance(messages, dict):
        pairs = [flat(inner, f"{path}_{name}" if path == "caller" else str(name)) for name, inner in messages.items()]
        return [pair for found in pairs for pair in found]
    return [(path, str(text)) for text in messages]
