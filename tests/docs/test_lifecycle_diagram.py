"""The diagram in the documents is the table in the code."""

from pathlib import Path

from app.tickets.diagram import mermaid

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"


def test_the_documented_diagram_is_generated_from_the_table() -> None:
    assert f"```mermaid\n{mermaid()}\n```" in DOCUMENT.read_text("utf-8")
