"""A real browser without a screen: the distribution's Chromium, as users of a site have one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, sync_playwright

from sslab.progress import Progress
from sslab.toolchain import machine
from sslab.toolchain.machine import HostProgram

CHROMIUM = HostProgram("chromium", "chromium", "logs in as a user does")
PATIENCE_MS = 180_000
"""JupyterLab takes a while on two cores."""


def ensure() -> None:
    """Install the browser where the machine has none."""
    machine.ensure(Progress(), [CHROMIUM])


@contextmanager
def opened() -> Iterator[BrowserContext]:
    """Open a browser that knows nobody: no cookies, no proxy of the machine's."""
    program = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            # tests run as root, where Chromium has no sandbox of its own
            args=["--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage"],
        )
        context = browser.new_context()
        context.set_default_timeout(PATIENCE_MS)
        try:
            yield context
        finally:
            browser.close()
