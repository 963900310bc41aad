"""What can be wrong here.

BadSettings   a source or a node map that cannot be used
DriverError   (edge_kit) the server could not be reached, refused us, or answered nonsense
"""


class BadSettings(ValueError):
    """Settings that cannot be used: where, the value seen and what was expected."""

    def __init__(self, where: str, *, seen: object, expected: str) -> None:
        super().__init__(f"{where}: {seen!r}, expected {expected}")
