"""What axe finds on the page as it stands."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "portal" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await axe.run(document, { runOnly: { type: 'tag', values: tags } });
  const told = (node) => `${node.html.slice(0, 200)} ${node.failureSummary}`;
  return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(told) }));
}"""


def violations(page: Page) -> list[dict[str, Any]]:
    """Rule and places of each; the script comes in past the page's own policy."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return found
