"""What can be wrong here.

BadMap        a device map that cannot be used
DriverError   (edge_kit) the device could not be reached, or answered nonsense twice
"""


class BadMap(ValueError):
    """A device map that cannot be used: the file, the item, the value seen and what was expected."""

    def __init__(self, where: str, *, seen: object, expected: str) -> None:
        super().__init__(f"{where}: {seen!r}, expected {expected}")
