"""How an answer says no."""


class Refusal(Exception):
    """Answer the block with this code instead of a payload."""

    def __init__(self, code: int, detail1: int = 0, detail2: int = 0) -> None:
        super().__init__(f"code {code}, details {detail1}, {detail2}")
        self.code, self.detail1, self.detail2 = code, detail1, detail2


FUNCTION, LENGTH, NUMBER, ATTRIBUTE, DATA, NO_OPTION, PROTECTED, OVERFLOW = 1, 2, 3, 4, 5, 6, 7, 8
PATH, REJECTED = 11, 13
BUSY, PROTOCOL = -1, -17
