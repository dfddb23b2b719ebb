"""Masking of personal data: what may be shown to everyone who sees a ticket (U5.3, K4.16). Pure."""

from __future__ import annotations

import re
from typing import Any

_HOUSE = re.compile(r"[0-9０-９一二三四五六七八九十百]+\s*(号楼|号院|栋|幢|单元|室|号|楼|层|门|户|组).*$")
_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)[\s-]?(\d{4})[\s-]?(\d{4})(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)")


def mask_name(name: str | None) -> str:
    """Return the family name and asterisks: 王小明 → 王**."""
    if not name:
        return ""
    return name[0] + "*" * max(1, min(2, len(name) - 1))


def mask_phone(phone: str | None) -> str:
    """Return a number with its middle hidden: 13812345678 → 138****5678; a short one keeps its last two digits."""
    if not phone:
        return ""
    if len(phone) >= 11:
        return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]
    return "*" * max(0, len(phone) - 2) + phone[-2:]


def mask_address(address: str | None) -> str:
    """Return the address up to the street or village; house, block and room numbers are hidden."""
    if not address:
        return ""
    shown = _HOUSE.sub("", address).rstrip("，, ")
    return (shown + " ***") if shown != address else address


def mask_about(text: str, name: str | None, phone: str | None, address: str | None) -> str:
    """Return what was written about a caller's matter with this caller's own name, number and address hidden too."""
    for value, mask in ((address, mask_address), (phone, mask_phone), (name, mask_name)):
        if value and len(value) > 1:
            text = text.replace(value, mask(value))
    return mask_text(text)


_WRITTEN = frozenset({"note", "text", "reason", "what", "report", "minutes", "follow_up", "conclusion", "settled_note"})
"""Under these keys stands what people wrote; the names of those who did stand under `name`."""


def hide_caller(shown: Any, name: str | None, phone: str | None, address: str | None) -> Any:
    """Return what the wire shows of a ticket with the caller's own data hidden wherever somebody wrote them down."""
    if isinstance(shown, dict):
        return {
            key: mask_about(value, name, phone, address)
            if key in _WRITTEN and isinstance(value, str)
            else hide_caller(value, name, phone, address)
            for key, value in shown.items()
        }
    return [hide_caller(item, name, phone, address) for item in shown] if isinstance(shown, list) else shown


def mask_text(text: str) -> str:
    """Return running text with mobile and identity numbers hidden (titles and contents often repeat them)."""
    return _IDENTITY.sub(r"\1********\2", _PHONE.sub(r"\1****\3", text))
