"""`cnc probe`: arguments, exit codes, and both forms of its answer."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from cli.main import main
from cli.probe import split
from tests.edge_kit.peers import free_port


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    command = [sys.executable, "-m", "greengrass_components.focas.simulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline().rsplit(":", 1)[1])
        process.terminate()


@pytest.mark.parametrize(
    ("text", "target"),
    [("mill3", ("mill3", 0)), ("mill3:8193", ("mill3", 8193)), ("10.0.0.5", ("10.0.0.5", 0)),
     ("10.0.0.5:502", ("10.0.0.5", 502)), ("fd00::5", ("fd00::5", 0)), ("[fd00::5]:8193", ("fd00::5", 8193)),
     ("[fd00::5]", ("fd00::5", 0))],
)  # fmt: skip
def test_a_target_is_a_host_with_or_without_a_port(text: str, target: tuple[str, int]) -> None:
    assert split(text) == target


@pytest.mark.parametrize(
    "words",
    [[], ["mill3", "--scan", "10.0.0.0/28"], ["mill3:0"], ["mill3:70000"], ["mill3:x"], [":8193"], ["[fd00::5"],
     ["--scan", "10.0.0.0/8"], ["mill3", "--pmc", "Q5"], ["mill3", "--timeout", "0"], ["mill3", "--port", "99999"]],
)  # fmt: skip
def test_wrong_arguments_are_one_sentence_and_exit_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("cnc probe: ")
    assert said.err.count("\n") == 1


def test_a_good_control_is_shown_layer_by_layer(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", f"127.0.0.1:{port}", "--protocol", "focas"]) == 0
    shown = capsys.readouterr().out
    assert "✗" not in shown
    assert [line.split()[1] for line in shown.splitlines() if line.startswith("✓")][:4] == [
        "name", "route", "port", "handshake",
    ]  # fmt: skip
    assert "Ways to count parts:" in shown


def test_the_protocol_is_guessed_and_json_says_the_same(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", f"127.0.0.1:{port}", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["v"], report["protocol"], report["ok"]) == (1, "focas", True)
    assert report["facts"]["model"] == "31i-B"
    assert {"layer", "name", "verdict", "seen", "ms", "todo"} == set(report["findings"][0])


def test_a_closed_port_is_exit_code_12_with_advice(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", f"127.0.0.1:{free_port()}", "--protocol", "focas"]) == 12
    shown = capsys.readouterr().out
    assert "✗ port" in shown
    assert "→ on the control open SYSTEM" in shown


def test_a_scan_lists_who_answered(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--scan", "127.0.0.1-127.0.0.2", "--port", str(port), "--protocol", "focas"]
    assert main(["probe", *words]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"127.0.0.1:{port}  focas  31i-B", "1 of 2 addresses answered",
    ]  # fmt: skip


def test_a_terminal_without_signs_gets_words(port: int) -> None:
    command = [sys.executable, "-m", "cli.main", "probe", f"127.0.0.1:{port}", "--protocol", "focas"]
    done = subprocess.run(command, capture_output=True, env={"PYTHONIOENCODING": "ascii"}, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode("ascii").splitlines()[1].startswith("ok name")
