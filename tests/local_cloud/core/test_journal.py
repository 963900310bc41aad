from pathlib import Path

from local_cloud.door.calls import Call
from local_cloud.persistence.journal import Entry, Journal


def entry(body: bytes, seed: int = 1) -> Entry:
    return Entry(seed, Call("POST", "/?a=b", {"x-amz-target": "A.B", "authorization": "secret"}, body, "ssm"))


def test_what_was_appended_is_read_back_without_credentials(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    Journal(path).append(entry(b"\x00\xff", seed=7))
    (got,) = Journal(path).read()
    assert (got.seed, got.call.body, got.call.raw_target, got.call.service) == (7, b"\x00\xff", "/?a=b", "ssm")
    assert got.call.headers == {"x-amz-target": "A.B"}
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_torn_last_line_is_cut_and_writing_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    Journal(path).append(entry(b"one"))
    with path.open("ab") as file:
        file.write(b'{"seed": 2, "serv')
    journal = Journal(path)
    journal.append(entry(b"two"))
    assert [one.call.body for one in journal.read()] == [b"one", b"two"]
