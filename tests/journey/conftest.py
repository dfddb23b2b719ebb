"""One product for the whole journey, phones on demand, and what they showed when something failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from journey import pictures
from journey.album import Album
from journey.phone import Phone
from journey.product import ROOT, Product
from journey.town import Town
from playwright.sync_api import Error, Playwright

SCREENSHOTS = ROOT / "var" / "journey"
MakePhone = Callable[..., Phone]


@pytest.fixture(scope="session")
def town(product: Product) -> Town:
    """The other roles."""
    return Town(product)


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the phones' cameras see."""
    return pictures.viewfinder(tmp_path_factory.mktemp("camera") / "street.mjpeg")


@pytest.fixture(scope="session")
def album() -> Album:
    """Where the screenshots go."""
    return Album(SCREENSHOTS)


@pytest.fixture
def make_phone(
    request: pytest.FixtureRequest, product: Product, playwright: Playwright, tmp_path: Path, film: Path
) -> Iterator[MakePhone]:
    """Give new phones, each with a profile of its own; their last screens are kept when the test fails."""
    phones: list[Phone] = []

    def make(**context: Any) -> Phone:
        phones.append(Phone(playwright, product.url, tmp_path / f"phone-{len(phones)}", film, **context))
        return phones[-1]

    yield make
    if getattr(request.node, "journey_failed", False):
        for number, phone in enumerate(phones):
            _keep_evidence(request.node, phone, number)
    for phone in phones:
        phone.close()


@pytest.fixture
def phone(make_phone: MakePhone) -> Phone:
    """The liaison's phone, not yet switched on."""
    return make_phone()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remember a failure for the fixtures above, which end after it, and tell what the product said."""
    report = yield
    if call.when == "call" and call.excinfo is not None:
        item.journey_failed = True  # type: ignore[attr-defined]
        product = getattr(item, "funcargs", {}).get("product")
        if product is not None:
            report.sections.append(("product", product.said()))
    return report


def _keep_evidence(node: pytest.Item, phone: Phone, number: int) -> None:
    """Print where the phone stood and what its console said; save its screens."""
    folder = SCREENSHOTS / "failed"
    folder.mkdir(parents=True, exist_ok=True)
    pages = phone.context.pages if phone.running else []
    for index, page in enumerate(pages):
        path = folder / f"{node.name}-{number}-{index}.png"
        try:
            page.screenshot(path=path)
            print(f"\nphone {number}: {page.url} → {path}\n{page.inner_text('body')[:3000]}")  # noqa: T201
        except Error as error:
            print(f"\nphone {number}: {error}")  # noqa: T201
    print(f"console of phone {number}:\n" + "\n".join(phone.console[-60:]))  # noqa: T201
