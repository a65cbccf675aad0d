"""The Chromium that tests drive, for pytest-playwright's fixtures (`page`, `context`, `browser`).

SEKISHO_CHROMIUM names it (`python3 do.py test` finds or installs one); without it, the machine's own.
Tests that use a page are marked `browser` by themselves. `axe_source` is axe-core's script.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ROOT = Path(__file__).resolve().parents[2]

# Without these, Chromium looks for hosts of its maker's at every start.
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str:
    """The Chromium to use; fails the test that asked for one when there is none."""
    named = os.environ.get("SEKISHO_CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(
            "no Chromium: `python3 do.py test` gets one; or name yours in SEKISHO_CHROMIUM",
            pytrace=False,
        )
    return found


def may_use_sandbox() -> bool:
    """Chromium's own sandbox refuses root."""
    return os.geteuid() != 0 and os.environ.get("SEKISHO_CHROMIUM_SANDBOX") != "0"


class BrowserFixtures:
    """Registered after pytest-playwright, so that these take the place of its fixtures of the same name."""

    @pytest.fixture(scope="session")
    @classmethod
    def chromium(cls) -> str:
        return chromium_path()

    @pytest.fixture(scope="session")
    @classmethod
    def browser_type_launch_args(cls, pytestconfig: pytest.Config, chromium: str) -> dict[str, Any]:
        slow = pytestconfig.getoption("--slowmo")
        return {
            "executable_path": chromium,
            "args": FLAGS,
            "chromium_sandbox": may_use_sandbox(),
            "headless": not pytestconfig.getoption("--headed"),
            **({"slow_mo": slow} if slow else {}),
        }

    @pytest.fixture(scope="session")
    @classmethod
    def browser_context_args(cls) -> dict[str, Any]:
        """A desktop in Tokyo, still: no animation to wait for."""
        return {
            "locale": "ja-JP",
            "timezone_id": "Asia/Tokyo",
            "viewport": {"width": 1440, "height": 900},
            "reduced_motion": "reduce",
        }

    @pytest.fixture(scope="session")
    @classmethod
    def axe_source(cls) -> str:
        script = ROOT / "node_modules" / "axe-core" / "axe.min.js"
        if not script.is_file():
            pytest.fail("no axe-core: run `python3 do.py setup --dev`", pytrace=False)
        return script.read_text()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(BrowserFixtures(), "sekisho-browser-fixtures")
    expect.set_options(timeout=20_000)  # on a busy machine a page may take its time


def drives_browser(item: pytest.Item) -> bool:
    return not {"page", "context", "browser", "new_context"}.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if drives_browser(item):
            item.add_marker("browser")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """From its first test on, Playwright's loop runs in this thread: Django would take tests for async code."""
    if item.get_closest_marker("browser"):
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
