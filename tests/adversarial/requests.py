"""Bodies of requests: a bad document in good JSON, and JSON that is bad itself. Seeded, at most 10 kB each."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

from tests.adversarial.shapes import SHAPES
from tests.adversarial.texts import CODES, GOOD, TEXTS

MOST_BYTES = 10_240


class Attack(NamedTuple):
    """One body and the family it belongs to."""

    family: str
    body: bytes


def attacks(*, seed: int, count: int) -> Iterator[Attack]:
    """The same ones for the same seed; families take turns."""
    random = Random(seed)
    families = (*map(_document, (*SHAPES, *TEXTS)), *BODIES)
    made = 0
    while made < count:
        for family in families:
            body = family(random)
            if made < count and len(body) <= MOST_BYTES:
                made += 1
                yield Attack(family.__name__, body)


def _document(make: Callable[[Random], str]) -> Callable[[Random], bytes]:
    def body(random: Random) -> bytes:
        text = make(random)[: MOST_BYTES - 200]
        return _json({"query": text, "variables": _variables(random)})

    body.__name__ = make.__name__
    return body


def _variables(random: Random) -> Any:
    return random.choice(({}, {}, None, {"n": random.choice((1, 100, -1, 10**30, 1e308, "5", True))}, {"v": "x"}))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _nested(random: Random) -> Any:
    value: Any = 1
    for _ in range(random.randint(2, 900)):
        value = random.choice(([value], {"a": value}))
    return value


def deep_variables(random: Random) -> bytes:
    return _json({"query": random.choice(GOOD), "variables": {"m": _nested(random)}})


def wide_variables(random: Random) -> bytes:
    value = [random.choice((1, "x", None, 1.5, {})) for _ in range(random.randint(10, 2_500))]
    return _json({"query": GOOD[1], "variables": {"m": value, **{f"v{n}": n for n in range(random.randint(0, 500))}}})


def batch(random: Random) -> bytes:
    return _json([{"query": random.choice(GOOD)}] * random.randint(0, 90))


def no_request(random: Random) -> bytes:
    made = (
        5,
        "x",
        None,
        True,
        {},
        [],
        [[]],
        {"query": None},
        {"query": ""},
        {"Query": GOOD[0]},
        {"query": [GOOD[0]]},
        1.5,
    )
    return _json(random.choice(made))


def fields_of_wrong_kind(random: Random) -> bytes:
    wrong = (5, [], {}, "x", True, 1.5, None, {"persistedQuery": {"sha256Hash": "0" * 64}}, _nested(random))
    names = ("query", "variables", "operationName", "extensions", "documentId", "id", "__proto__")
    return _json(
        {"query": GOOD[0]} | {name: random.choice(wrong) for name in random.sample(names, random.randint(1, 5))}
    )


def persisted_ids(random: Random) -> bytes:
    given = random.choice(
        ("0" * 64, "sha256:" + "f" * 64, "sha256:" + "F" * 64, "../" * 99, "\x00" * 64, "é" * 64, "0" * 9_000)
    )
    if random.random() < 0.5:
        return _json({"documentId": given})
    return _json({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": given}}})


def operation_names(random: Random) -> bytes:
    text = "query a { sites { id } } query b { viewer { userId } } subscription s { machineState { machineId } }"
    return _json({"query": text, "operationName": random.choice(("a", "s", "c", "", "x" * 9_000, *CODES))})


def json_text(random: Random) -> bytes:
    """JSON as no library writes it."""
    query = json.dumps(random.choice(GOOD))
    return random.choice(
        (
            b'{"query":' + query.encode() + b',"variables":{"n":NaN}}',
            b'{"query":' + query.encode() + b',"variables":{"n":-Infinity}}',
            b'{"query":' + query.encode() + b',"variables":{"n":' + b"9" * random.randint(20, 9_000) + b"}}",
            b'{"query":' + query.encode() + b',"variables":{"n":1e999}}',
            b'{"query":"{ sites { id } }","query":' + query.encode() + b"}",
            b'{"query":"\\ud800"}',
            b'{"query":"{ machine(id: \\"\\udfff\\") { id } }"}',
            b'{"variables":{"\\ud800":1},"query":' + query.encode() + b"}",
            b"\xef\xbb\xbf" + _json({"query": GOOD[0]}),
            _json({"query": GOOD[0]}).decode().encode("utf-16"),
            b"[" * random.randint(1, 10_000),
            b'{"a":' * random.randint(1, 2_000),
            b'"' + b"\\u0041" * random.randint(1, 1_600) + b'"',
            b" " * random.randint(0, 10_000),
            b"query=" + query.encode(),
            b"\x00" * random.randint(1, 1_000),
        )
    )


def bytes_of_nobody(random: Random) -> bytes:
    good = bytearray(_json({"query": random.choice(GOOD)}))
    for _ in range(random.randint(1, 20)):
        good[random.randrange(len(good))] = random.randrange(256)
    return bytes(good) if random.random() < 0.5 else random.randbytes(random.randint(1, 4_000))


BODIES = (
    deep_variables,
    wide_variables,
    batch,
    no_request,
    fields_of_wrong_kind,
    persisted_ids,
    operation_names,
    json_text,
    bytes_of_nobody,
)
