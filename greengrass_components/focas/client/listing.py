"""Whole directories, page by page, however large they are and however small the pages of the control."""

from collections.abc import AsyncIterator

from greengrass_components.focas.client.sessions import Session
from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.functions.directory import ProgramEntry, rdprogdir3
from greengrass_components.focas.protocol.functions.files import Entry, rdpdf_alldir
from greengrass_components.focas.protocol.values import I32_MAX

MOST_PER_PAGE = 19  # what fits the smallest frame; a control may give fewer
ENTRIES_PER_PAGE = 10
MOST_ENTRIES = 100_000  # a directory beyond this is a control that repeats itself


async def all_programs(client: Session, *, path: int = 1) -> AsyncIterator[ProgramEntry]:
    """Every program of the current folder in rising O number.

    Raises Refused, and MalformedReply when a page goes back: such a directory would never end.
    """
    first = 0
    while first <= I32_MAX:
        page = await client.call(rdprogdir3(first, MOST_PER_PAGE), path=path)
        if not page:
            return
        if page[0].number < first:
            raise MalformedReply(f"asked the directory from {first} on, got program {page[0].number}")
        for entry in page:
            yield entry
        first = page[-1].number + 1


async def all_entries(client: Session, folder: str, *, path: int = 1) -> AsyncIterator[Entry]:
    """Every file and folder directly inside `folder`. Raises Refused, MalformedReply when there is no end."""
    first = 0
    while first < MOST_ENTRIES:
        page = await client.call(rdpdf_alldir(folder, first, ENTRIES_PER_PAGE), path=path)
        if not page:
            return
        for entry in page:
            yield entry
        first += len(page)
    raise MalformedReply(f"{folder} has more than {MOST_ENTRIES} entries, or the control repeats them")
