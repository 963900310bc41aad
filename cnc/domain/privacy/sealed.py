"""How a text that only a person's key opens is told from one that was never sealed."""

from typing import Final

#: What sealed texts begin with; nothing that people write into a form does.
MARK: Final = "~1."
