"""One product and one browser for the whole tour; a stage per jurisdiction; the last screens when something failed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from journey.album import Album
from journey.conftest import pytest_runtest_makereport
from journey.phone import FLAGS, chromium
from journey.product import ROOT, Product
from playwright.sync_api import Browser, Error, Playwright
from tour.stage import Stage, town_of

__all__ = ["pytest_runtest_makereport"]
PICTURES = ROOT / "var" / "tour"


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The browser everybody's phone and desk run in."""
    running = playwright.chromium.launch(executable_path=chromium(), headless=True, args=list(FLAGS))
    yield running
    running.close()


@pytest.fixture(scope="session")
def album() -> Album:
    """Where the pictures of the stations go."""
    return Album(PICTURES)


@pytest.fixture(scope="module")
def people(request: pytest.FixtureRequest, product: Product, browser: Browser) -> Iterator[Stage]:
    """The town that the module names in TOWN."""
    stage = Stage(product, browser, town_of(request.module.TOWN))
    yield stage
    for _, phone in stage.handsets():
        phone.close()


@pytest.fixture(autouse=True)
def last_screens(request: pytest.FixtureRequest, people: Stage) -> Iterator[None]:
    """After a failure: what every device showed, in words and as a picture."""
    yield
    if not getattr(request.node, "journey_failed", False):
        return
    folder = PICTURES / "failed"
    folder.mkdir(parents=True, exist_ok=True)
    for who, phone in people.handsets():
        try:
            phone.page.screenshot(path=folder / f"{request.node.name}-{who}.png")
            said = "\n".join(phone.console[-20:])
            print(f"\n{who}: {phone.page.url}\n{phone.page.inner_text('body')[:2500]}\nconsole: {said}")  # noqa: T201
        except Error as error:
            print(f"\n{who}: {error}")  # noqa: T201
