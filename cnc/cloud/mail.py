"""Mail through SES: short plain texts from the one address of this stage."""

import re
from typing import Any

from cnc.domain.base.errors import BadValue

SENDER_NAME = "CNC Copilot"
MAX_SUBJECT, MAX_TEXT = 200, 20_000  # characters
#: One mailbox and nothing else: no display name, no list, no space, no line break.
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9.-]{1,189}", re.ASCII)


class Mail:
    """Sends from `sender`, the identity that the stage verified; the client signs with the function's own role."""

    def __init__(self, client: Any, *, sender: str) -> None:
        self._client = client
        self._sender = sender

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand one message to SES. Raises BadValue for an address, subject or text that cannot be sent."""
        if not _ADDRESS.fullmatch(to):
            raise BadValue(seen=to, expected="one e-mail address")
        if not 0 < len(subject) <= MAX_SUBJECT or not subject.isprintable():
            raise BadValue(seen=subject, expected=f"a subject of one line, at most {MAX_SUBJECT} characters")
        if not 0 < len(text) <= MAX_TEXT:
            raise BadValue(seen=f"{len(text)} characters", expected=f"a text of 1 to {MAX_TEXT} characters")
        self._client.send_email(
            FromEmailAddress=f"{SENDER_NAME} <{self._sender}>",
            Destination={"ToAddresses": [to]},
            Content={
                "Simple": {
                    "Subject": {"Data": subject, "Charset": "UTF-8"},
                    "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
                }
            },
        )
