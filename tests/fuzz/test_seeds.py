"""Every kept input of every parser, with its bounds; and some new ones, the same in each run."""

import random

import pytest

from tests.fuzz.mutate import mutated
from tests.fuzz.target import Target, load, names, run, seeds


@pytest.mark.parametrize("name", names())
def test_kept_inputs_raise_nothing_unexpected_within_their_bounds(name: str) -> None:
    target = load(name)
    wrong = {path.name: run(target, path.read_bytes()) for path in seeds(name)}
    assert {seed: what for seed, what in wrong.items() if what} == {}


@pytest.mark.parametrize("name", names())
def test_a_hundred_new_inputs_raise_nothing_unexpected(name: str) -> None:
    target, rnd = load(name), random.Random(20261124)
    corpus = [path.read_bytes() for path in seeds(name)]
    for _ in range(100):
        data = mutated(rnd, corpus, target.words, target.max_size)
        assert run(target, data, measure=False) is None, data


@pytest.mark.parametrize("name", names())
def test_a_target_has_kept_inputs(name: str) -> None:
    assert seeds(name) != []


def forever(_: bytes) -> None:
    while True:
        pass


def hoard(_: bytes) -> None:
    bytearray(4 << 20)


def fail(_: bytes) -> None:
    raise KeyError("x")


def test_what_hangs_hoards_or_breaks_is_found() -> None:
    assert run(Target(forever, seconds=0.05), b"") == "took longer than 0.05 s"
    assert run(Target(hoard, peak_bytes=1 << 20), b"") == "took 4 MiB"
    assert run(Target(fail), b"") == "KeyError: 'x'"
    assert run(Target(fail, allowed=(KeyError,)), b"") is None
