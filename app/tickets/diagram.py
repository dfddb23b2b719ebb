"""The life cycle as a Mermaid diagram, for the documents. Pure."""

from __future__ import annotations

from app.tickets import lifecycle


def mermaid() -> str:
    """Return a state diagram of every command that changes the state."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{label}" as {state}' for state, label in lifecycle.LABELS.items()]
    for row in (*lifecycle.TRANSITIONS.values(), *lifecycle.OUTCOMES):
        for source in row.sources or ("[*]",):
            if row.target is not None:
                lines.append(f"    {source} --> {row.target}: {row.label}")
    lines.append(f"    {lifecycle.CLOSED} --> [*]")
    return "\n".join(lines)
