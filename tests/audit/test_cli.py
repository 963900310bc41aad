"""`cnc audit`: an export over HTTP in parts, and the verdict of a file, on the command line."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from cli.main import main
from tests.audit.signing import Key
from tests.audit.test_export import FORGED, GOOD


class Api(BaseHTTPRequestHandler):
    """The export in two parts, for whoever has the key."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        good = self.headers["authorization"] == "Bearer cnc_audit_key" and url.path == "/v1/audit/export"
        cursor = parse_qs(url.query).get("cursor")
        lines = GOOD[6:] if cursor == ["6.x"] else [*GOOD[:6], json.dumps({"more": "6.x"})]
        self.send_response(200 if good else 403)
        self.end_headers()
        self.wfile.write("".join(f"{line}\n" for line in lines).encode() if good else b'{"code":"auth.forbidden"}')

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def rest() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    thread.join(timeout=5)
    server.server_close()


def written(path: Path, *lines: str) -> str:
    path.write_text("".join(f"{line}\n" for line in lines))
    return str(path)


def test_an_export_in_parts_becomes_one_file_that_verifies(
    rest: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, out = written(tmp_path / "key", "cnc_audit_key"), tmp_path / "export.jsonl"
    assert main(["audit", "export", "--rest", rest, "--api-key", key, "--out", str(out)]) == 0
    assert out.read_text().splitlines() == GOOD
    trusted = written(tmp_path / "trusted", Key().public_hex())
    assert main(["audit", "verify", "--export", str(out), "--key", trusted, "--anchors", str(out)]) == 0
    assert "8 entries of t_1111111111111111 hold, anchored up to entry 8" in capsys.readouterr().out
    assert main(["audit", "export", "--rest", rest, "--api-key", key, "--out", str(out)]) == 2
    assert out.read_text().splitlines() == GOOD


def test_an_export_that_is_refused_leaves_no_file(
    rest: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, out = written(tmp_path / "key", "another"), tmp_path / "export.jsonl"
    assert main(["audit", "export", "--rest", rest, "--api-key", key, "--out", str(out)]) == 2
    assert "auth.forbidden" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([*GOOD[:5], *GOOD[6:]], "entry 3 (previous)"),
        (GOOD[:-1], "the file is not whole"),
        ([GOOD[0], FORGED[1], *GOOD[2:]], "the anchors of entries 8 are not good ones"),
        ([*GOOD[:-2], GOOD[-1]], "entry 8 (cut)"),
        (["{}"], "first line of an export"),
    ],
)
def test_what_does_not_hold_is_said_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: list[str], said: str
) -> None:
    assert main(["audit", "verify", "--export", written(tmp_path / "export", *lines)]) == 1
    told = capsys.readouterr().out
    assert told.startswith("DOES NOT HOLD")
    assert said in told


def test_a_chain_made_anew_is_found_by_what_was_kept(tmp_path: Path) -> None:
    forged, kept = written(tmp_path / "forged", *FORGED), written(tmp_path / "kept", *GOOD[:3])
    trusted = written(tmp_path / "key", Key().public_hex())
    assert main(["audit", "verify", "--export", forged]) == 0
    assert main(["audit", "verify", "--export", forged, "--key", trusted]) == 1
    assert main(["audit", "verify", "--export", forged, "--anchors", kept]) == 1


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", "--export", str(tmp_path / "none")]) == 2
    assert "cannot be read" in capsys.readouterr().err
