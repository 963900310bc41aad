"""Entries of version 1: they were stored without their place, which their hash has in it."""

import json

from cnc.domain.audit.entry import canonical


def body_of_first_version(seq: int, stored: str) -> str:
    """The canonical JSON that the hash of an entry of version 1 was taken of."""
    try:
        said = json.loads(stored)
    except ValueError:
        return stored
    return canonical({"seq": seq, **said}) if isinstance(said, dict) else stored
