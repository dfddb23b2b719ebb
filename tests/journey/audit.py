"""axe-core over the screen that stands: nothing a person with big text, a screen reader or weak eyes trips over."""

from __future__ import annotations

from typing import Any

from journey.product import ROOT
from playwright.sync_api import Page

_AXE = ROOT / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ['violations'] })
  return found.violations
    .filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .map((one) => `${one.impact} ${one.id}: ${one.help}: `
      + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | '))
}"""


def violations(page: Page) -> list[str]:
    """Serious and critical violations of the screen, in words."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(_RUN)
    return found


def overflow(page: Page) -> str | None:
    """What makes the page scroll sideways, None when nothing does: text that does not fit is cut off on a phone."""
    found: Any = page.evaluate(
        """() => {
          const wide = document.documentElement.scrollWidth
          return wide > innerWidth + 1 ? `the page is ${wide} px wide in a window of ${innerWidth}` : null
        }"""
    )
    return None if found is None else str(found)
