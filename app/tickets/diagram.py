"""The life cycle as a Mermaid diagram, for the documents. Pure."""

from __future__ import annotations

from app.tickets import lifecycle


def mermaid() -> str:
    """Return a state diagram of every command that changes the state."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{label}" as {state}' for state, label in lifecycle.LABELS.items()]
    for row in lifecycle.TRANSITIONS.values():
        for source in row.sources or ("[*]",):
            if row.target is not None:
                lines.append(f"    {source} --> {row.target}: {row.label}")
    for source in lifecycle.TRANSITIONS["request.decide"].sources:
        if source in lifecycle.TRANSITIONS["request.return"].sources:
            lines.append(f"    {source} --> {lifecycle.REGISTERED}: 同意退单")
    lines.append(f"    {lifecycle.CLOSED} --> [*]")
    return "\n".join(lines)
