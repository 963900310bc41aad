"""Mutations of kept inputs: bytes flipped, pieces cut, doubled, exchanged and joined, words put in."""

import random
from collections.abc import Sequence

_EDGES = (b"", b"\x00", b"\xff", b"-1", b"0", b"99999999", b"\n", b"%", b"[" * 40, b"(" * 40, b"." * 9)


def mutated(rnd: random.Random, corpus: Sequence[bytes], words: Sequence[bytes], limit: int) -> bytes:
    """One new input of at most `limit` bytes."""
    data = bytearray(rnd.choice(corpus) if corpus else b"")
    for _ in range(rnd.choice((1, 1, 2, 3, 5, 8, 13))):
        _change(rnd, data, corpus, words)
        del data[limit:]
    return bytes(data)


def _change(rnd: random.Random, data: bytearray, corpus: Sequence[bytes], words: Sequence[bytes]) -> None:
    at = rnd.randint(0, len(data))
    end = min(len(data), at + rnd.choice((1, 1, 2, 4, 8, 32, 200)))
    way = rnd.randrange(8)
    if way == 0 and data:
        data[min(at, len(data) - 1)] ^= 1 << rnd.randrange(8)
    elif way == 1:
        del data[at:end]
    elif way == 2:
        data[at:at] = data[at:end] * rnd.choice((1, 2, 5))
    elif way == 3 and corpus:
        other = rnd.choice(corpus)
        begin = rnd.randint(0, len(other))
        data[at:end] = other[begin : begin + rnd.choice((4, 20, 100, 1000))]
    elif way in (4, 5) and words:
        data[at:at] = rnd.choice(words)
    elif way == 6:
        data[at:end] = rnd.choice(_EDGES)
    else:
        data[at:end] = rnd.randbytes(rnd.choice((1, 2, 4)))
