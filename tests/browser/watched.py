"""A browser page whose complaints are kept, and waiting for what is no page."""

import time
from collections.abc import Callable

from playwright.sync_api import ConsoleMessage, Page

REPORT_CSP = """document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`CSP ${event.violatedDirective} blocked ${event.blockedURI} ${event.sample}`));"""


class Watched:
    """`complaints` holds everything a developer would see in red."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ()
        page.add_init_script(REPORT_CSP)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(text in message.text for text in self.expected):
            self.complaints.append(f"{message.type}: {message.text}")


def wait_until(true: Callable[[], bool], *, timeout_s: float = 20.0) -> None:
    """Wait for something of the cloud's side. Raises TimeoutError."""
    deadline = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not true within {timeout_s} s")
        time.sleep(0.02)
