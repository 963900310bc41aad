"""The G-code reader: blocks per second against a bare split loop over the same file, and memory on 50 MB.

The file is like CAM output: short lines and arcs with X Y Z in plain numbers, feeds, tool changes, comments. The
peer splits every line of the same bytes into words and does nothing with them: the least that any reader must do.
"""

import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.figures import Figure
from benchmarks.timing import interleaved
from cnc.domain.gcode.dialect import MILL
from cnc.domain.gcode.reader import read
from cnc.domain.gcode.source import Source

_BLOCKS: Final = 100_000
_LARGE: Final = 50_000_000
_WORD: Final = re.compile(r"[A-Z][-+.0-9]+")
#: Prints the steps of a file, and by how many bytes the process was larger later than after the first 20,000.
_MEMORY: Final = """
import sys
import psutil
from cnc.domain.gcode.reader import read
from cnc.domain.gcode.source import Source

process, count, most = psutil.Process(), 0, 0
with open(sys.argv[1], "rb") as stream:
    for _ in read(Source.of_file(stream)):
        count += 1
        if count == 20_000:
            before = process.memory_info().rss
        elif count % 20_000 == 0:
            most = max(most, process.memory_info().rss)
print(count, most - before)
"""


def run() -> list[Figure]:
    text = "".join(program(_BLOCKS, seed=1))
    data = text.encode()
    lines = text.count("\n")
    macro = "".join(macro_program(_BLOCKS // 20)).encode()
    spaced = text.replace("X", "X ").encode()  # a blank within a word takes the block off the quick way
    macro_lines = sum(1 for _ in read(Source.of_bytes(macro)))
    took = interleaved(
        {
            "reader": lambda: _consume(data),
            "split": lambda: _split(data),
            "words": lambda: _words(data),
            "macro": lambda: _consume(macro),
            "thorough": lambda: _consume(spaced),
        },
        rounds=5,
    )
    reader, split, words = took["reader"].best_s, took["split"].best_s, took["words"].best_s
    count, grown = _memory()
    return [
        Figure("gcode", "blocks read", lines / reader, "1/s of CPU", note="CAM program, every position and state"),
        Figure("gcode", "against a bare split loop", reader / split, "x its CPU", note=f"{lines / split:,.0f} lines/s"),
        Figure(
            "gcode", "against words found by a regex", reader / words, "x its CPU", 12, note="nothing done with them"
        ),
        Figure(
            "gcode", "blocks read the thorough way", lines / took["thorough"].best_s, "1/s of CPU", note="no quick way"
        ),
        Figure(
            "gcode", "blocks of a macro program", macro_lines / took["macro"].best_s, "1/s of CPU", note="WHILE, IF, #"
        ),
        Figure(
            "gcode", "memory for 50 MB", grown / 1e6, "MB", 8, note=f"RSS grown after the first 1 %, {count:,} steps"
        ),
    ]


def _consume(data: bytes) -> int:
    return sum(1 for _ in read(Source.of_bytes(data), dialect=MILL))


def _split(data: bytes) -> int:
    return sum(len(line.split()) for line in data.decode("latin-1").split("\n"))


def _words(data: bytes) -> int:
    return sum(len(_WORD.findall(line)) for line in data.decode("latin-1").split("\n"))


def program(blocks: int, *, seed: int) -> Iterator[str]:
    """Lines of a milling program of about so many blocks within 300 mm, the same for the same seed."""
    rnd = random.Random(seed)
    yield "%\nO1000 (MOULD HALF)\nG21 G90 G17 G40 G49 G80\n"
    x = y = 0.0
    for number in range(blocks):
        if number % 5_000 == 0:
            yield f"T{number // 5_000 % 40 + 1} M6\nG54 G0 X{x:.3f} Y{y:.3f} S8000 M3\nG43 H1 Z50. M8\n"
        kind = number % 60
        x, y = (x + rnd.uniform(-0.8, 0.8)) * 0.999, (y + rnd.uniform(-0.8, 0.8)) * 0.999
        z = rnd.uniform(-9, -1)
        if kind == 0:
            yield f"N{number} G0 Z5.\nG0 X{x:.3f} Y{y:.3f}\nG1 Z{z:.3f} F400\n(PASS {number})\nG1 F2400\n"
        elif kind % 15 == 7:
            yield _corner(rnd.uniform(0.5, 8), x, y, clockwise=kind % 2 == 0)
        elif kind % 2:
            yield f"X{x:.3f} Y{y:.3f}\n"
        else:
            yield f"X{x:.3f} Y{y:.3f} Z{z:.3f}\n"
    yield "G0 Z50. M9\nM30\n%\n"


def _corner(radius: float, x: float, y: float, *, clockwise: bool) -> str:
    """A line to the start of a quarter arc, the arc, and a line on."""
    way = -1 if clockwise else 1
    return (
        f"X{x:.3f} Y{y:.3f}\nG{2 if clockwise else 3} X{x + radius:.3f} Y{y + way * radius:.3f} "
        f"I0. J{way * radius:.3f}\nG1 X{x + 0.1:.3f}\n"
    )


def macro_program(rounds: int) -> Iterator[str]:
    """A loop with a branch, a call with arguments and moves by variables."""
    yield f"%\nO1\nG21 G90 G0 X0 Y0 Z0\n#1=0\nWHILE[#1 LT {rounds}]DO1\n#1=#1+1\nIF[#1 MOD 2 EQ 0]GOTO 5\n"
    yield "G1 X[10*COS[#1]] Y[10*SIN[#1]] F500\nN5 G65 P9 A#1 B2.\nEND1\nM30\nO9\n#3=#1*#2\nG1 Z-#3\nM99\n%\n"


def _memory() -> tuple[int, int]:
    """Steps of a 50 MB file and bytes by which a process grew that read it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.nc"
        with path.open("w") as out:
            seed = 0
            while out.tell() < _LARGE:
                body = (
                    "".join(program(_BLOCKS, seed=seed)).replace("M30\n%\n", "").replace("%\nO1000 (MOULD HALF)\n", "")
                )
                out.write(body if seed else f"%\nO1000 (MOULD)\n{body}")
                seed += 1
            out.write("M30\n%\n")
        ran = subprocess.run(
            [sys.executable, "-c", _MEMORY, str(path)], capture_output=True, text=True, timeout=600, check=True
        )
    count, grown = ran.stdout.split()
    return int(count), int(grown)
