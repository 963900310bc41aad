"""What `cnc up` refuses before it starts anything: one sentence each, and exit code 2."""

import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli import demo
from cli.data_folder import held
from cli.main import main
from cli.refusal import CannotStart
from local_cloud.settings import BrokenFolder, make


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["up", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_a_data_folder_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.write_text("")
    expected = f"cnc: the data folder {file} cannot be used (File exists): choose another with --data\n"
    assert refusal(capsys, "--data", str(file)) == expected


def test_a_data_folder_that_another_product_runs_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with held(tmp_path):
        said = refusal(capsys, "--data", str(tmp_path))
    assert said == (
        f"cnc: the data folder {tmp_path} is in use by process {os.getpid()}: end it or choose another with --data\n"
    )
    with held(tmp_path):
        assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_a_taken_port_is_found_before_anything_is_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refusal(capsys, "--data", str(tmp_path), "--port", str(port))
    assert said == f"cnc: port {port} is taken; end what listens there or choose another with --port\n"


def test_a_start_that_lies_ahead(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["up", "--speed", "5", "--since", "9999-01-01T00:00:00Z"])
    assert ended.value.code == 2
    assert "'9999-01-01T00:00:00Z' lies ahead" in capsys.readouterr().err


@pytest.mark.parametrize("broken", ['{"ports": {"ht', "[]", ""])
def test_settings_of_an_earlier_run_that_cannot_be_read(tmp_path: Path, broken: str) -> None:
    (tmp_path / "cloud.json").write_text(broken)
    with pytest.raises(BrokenFolder, match=r"cloud.json cannot be read \(.+\); restore it or choose another folder"):
        make(tmp_path, data=tmp_path, port=1, repository_root=tmp_path, now=datetime.now(UTC))


def test_a_demo_that_cannot_be_read(tmp_path: Path) -> None:
    demo.path(tmp_path).write_text(json.dumps({"users": []})[:-2])
    with pytest.raises(CannotStart, match=r"demo.json cannot be read \(.+\)"):
        demo.load(tmp_path)
