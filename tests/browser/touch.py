"""What a thumb must hit on a phone."""

from playwright.sync_api import Page

SMALL = """() => [...document.querySelectorAll('button, nav a')]
  .filter((element) => element.checkVisibility())
  .map((element) => [element.textContent || element.ariaLabel, element.getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < 44).map(([name]) => name)"""


def small_targets(page: Page) -> list[str]:
    """Words of the buttons and menu entries that are shown and smaller than 44 px."""
    found: list[str] = page.evaluate(SMALL)
    return found
