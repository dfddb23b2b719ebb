"""Screenshots with stable names, for people to look at and for the README."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page


class Album:
    """Saves pictures of screens as `<name>.png`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, page: Page, name: str) -> None:
        """Save what the screen shows now."""
        page.wait_for_load_state("load")
        page.evaluate("() => document.fonts.ready")
        page.screenshot(path=self._folder / f"{name}.png", animations="disabled", caret="hide")
