"""An archive made in pieces is one that every reader of ZIP opens."""

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from cnc.domain.base.errors import BadValue
from cnc.domain.privacy.archive import Archive, resumed

AT = datetime(2026, 11, 25, 8, 30, 12, tzinfo=UTC)
MEMBERS = {
    "README.md": b"# read me\n" * 40,
    "räder/ölstand.json": b"{}",
    "leer.bin": b"",
    "noise.bin": bytes(range(256)),
}


def test_every_member_is_read_back_by_the_standard_library() -> None:
    archive = Archive(AT)
    body = b"".join(archive.add(name, content) for name, content in MEMBERS.items()) + archive.finish()
    with zipfile.ZipFile(io.BytesIO(body)) as read:
        assert read.testzip() is None
        assert {one.filename: read.read(one) for one in read.infolist()} == MEMBERS
        assert read.infolist()[0].date_time == (2026, 11, 25, 8, 30, 12)
        assert read.infolist()[0].compress_size < read.infolist()[0].file_size


@pytest.mark.parametrize("cut", range(len(MEMBERS) + 1))
def test_an_archive_goes_on_from_its_state_as_if_nothing_had_happened(cut: int) -> None:
    members = list(MEMBERS.items())
    whole = Archive(AT)
    expected = b"".join(whole.add(*member) for member in members) + whole.finish()
    first = Archive(AT)
    made = b"".join(first.add(*member) for member in members[:cut])
    again = resumed(json.loads(json.dumps(first.state())), at=AT)
    assert made + b"".join(again.add(*member) for member in members[cut:]) + again.finish() == expected


def test_an_archive_beyond_4_gigabytes_keeps_its_places() -> None:
    archive = Archive(AT)
    archive.length = 5 << 30
    head = archive.add("late.txt", b"late")
    tail = archive.finish()
    assert (5 << 30).to_bytes(8, "little") in tail
    assert archive.length == (5 << 30) + len(head)


def test_the_same_name_twice_is_refused() -> None:
    archive = Archive(AT)
    archive.add("a", b"")
    with pytest.raises(BadValue):
        archive.add("a", b"")
