"""Everything that can go wrong with a FOCAS control.

    FocasError
    ├── Unreachable        no TCP connection: refused, no route, name unknown, connect timed out
    ├── SessionRefused     the control answered the opening with an error (no free session: code 4)
    ├── ConnectionLost     the connection ended in the middle
    ├── NoAnswer           nothing, or only half a message, within the timeout
    ├── MalformedFrame     bytes that no amount of reading can repair; the connection is no longer usable
    │   └── MalformedReply a block whose size or echo is not what its function documents
    ├── NoSuchPath         a path (channel) was asked for that the control does not have
    └── Refused            the control understood and said no (code, details); the connection stays good
        └── TransferRefused  a program transfer was refused or broke

`Incomplete` is no error but an answer of the decoder: read more, then ask again.
"""

CODES = {
    0: "OK",
    1: "FUNC, function not available on this control",
    2: "LENGTH, wrong data length",
    3: "NUMBER, no such number or out of range",
    4: "ATTRIB, wrong axis, type or attribute",
    5: "DATA, wrong data or no such program",
    6: "NOOPT, option missing",
    7: "PROT, write protected",
    8: "OVRFLOW, memory full",
    9: "PARAM, forbidden by a parameter",
    10: "BUFFER, full or empty",
    11: "PATH, no such path",
    12: "MODE, wrong mode",
    13: "REJECT, refused in this state",
    14: "DTSRVR, data server",
    15: "ALARM, alarm on the control",
    16: "STOP, stopped",
    17: "PASSWD, data protection",
    -1: "BUSY",
    -2: "RESET, or end of the upload",
    -3: "MMCSYS",
    -4: "PARITY",
    -5: "SYSTEM",
    -6: "UNEXP",
    -7: "VERSION",
    -8: "HANDLE",
    -16: "SOCKET",
    -17: "PROTOCOL",
}


def code_text(code: int) -> str:
    """`5 (DATA, wrong data or no such program)`."""
    return f"{code} ({CODES.get(code, 'unknown code')})"


class Incomplete(Exception):
    """The buffer holds only the beginning of a message; `missing` more bytes are needed at least."""

    def __init__(self, missing: int) -> None:
        super().__init__(f"{missing} more bytes needed")
        self.missing = missing


class FocasError(Exception):
    """Base of every error of this package."""


class Unreachable(FocasError):
    """No TCP connection could be made."""


class SessionRefused(FocasError):
    """The control refused the opening of a session."""

    def __init__(self, code: int, detail1: int = 0, detail2: int = 0) -> None:
        reason = "no free session" if code == 4 else code_text(code)
        super().__init__(f"the control refused the session: {reason}, details {detail1}, {detail2}")
        self.code, self.detail1, self.detail2 = code, detail1, detail2


class ConnectionLost(FocasError):
    """The connection ended while it was needed."""


class NoAnswer(FocasError):
    """The control did not answer in time."""


class NoSuchPath(FocasError):
    """The control has fewer paths than the configuration says."""


class MalformedFrame(FocasError):
    """The bytes are no FOCAS message."""


class MalformedReply(MalformedFrame):
    """The message is well formed, but a block in it does not have the documented shape."""


class Refused(FocasError):
    """The control answered a function with a code other than 0."""

    def __init__(self, function: int, code: int, detail1: int = 0, detail2: int = 0) -> None:
        super().__init__(f"function {function:#x} refused: {code_text(code)}, details {detail1}, {detail2}")
        self.function, self.code, self.detail1, self.detail2 = function, code, detail1, detail2

    @property
    def permanent(self) -> bool:
        """The machine does not have this at all (function or option missing): never ask again."""
        return self.code in (1, 6)


class TransferRefused(Refused):
    """A program transfer was refused at its start, at its end, or broken off by the control."""
