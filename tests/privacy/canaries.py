"""Words that stand nowhere else, sown into every field of every kind of row, object and queue, and looked for after."""

import base64
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnc.cloud.privacy import PrivacyParts
from cnc.domain.privacy.retention import PLACES, Place
from cnc.services.privacy.readable import is_secret
from tools.privacy_register import source

#: Fields that are numbers for the product, or that decide what else is read.
_NOT_TEXT = {"x", "o", "n", "z", "v", "h", "m", "q", "w", "u", "r", "c", "t", "f", "e", "k", "g"}
_NUMBERS = ("_ms", "_s", "_v")
_NUMERIC = {"size", "confirmed", "last_step", "misses", "simulated", "part_target", "version", "sms"}


def needles(word: str) -> list[bytes]:
    """The word as it may lie in a file: plain, in JSON, and in base64 at any of its three places."""
    encoded = [base64.b64encode(b"x" * shift + word.encode())[4 if shift else 0 : -4] for shift in range(3)]
    return [word.encode(), word.encode("utf-16-le"), word.encode().hex().encode(), *encoded]


def holds(data: bytes, word: str) -> bool:
    return any(needle in data for needle in needles(word))


def files_with(folder: Path, *words: str) -> list[tuple[str, str]]:
    """(file, word) of every file below the folder that holds one of the words in any form."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            found += [(str(path.relative_to(folder)), word) for word in words if holds(data, word)]
    return found


def stores() -> Iterator[tuple[Place, dict[str, Any]]]:
    """Places with what the register says of them."""
    by_kind = {(store["where"], store["kind"]): store for store in source()["store"]}
    for place in PLACES:
        kind = place.noun + (f"/{place.prefix.rstrip('#')}" if place.prefix else "")
        yield place, by_kind[place.table, kind]


def text_fields(store: dict[str, Any]) -> list[str]:
    """Fields that can hold words; those that open something are for nobody's export."""
    return [
        name
        for name in store["fields"]
        if name not in _NOT_TEXT | _NUMERIC and not name.endswith(_NUMBERS) and not is_secret(name)
    ]


def sown(place: Place, store: dict[str, Any], *, key: str, words: list[str], name: str) -> dict[str, Any]:
    """A raw item of this kind with a word in every field; the words are added to `words`."""
    item: dict[str, Any] = {"p": {"S": key}, "s": {"S": f"{place.prefix}sown-{name}"}, "v": {"N": "1"}}
    for field in text_fields(store):
        word = f"{name}.{place.table}.{place.noun}{place.prefix.rstrip('#')}.{field}"
        words.append(word)
        item[field] = _value(field, word, place)
    return item


def _value(field: str, word: str, place: Place) -> dict[str, Any]:
    body = json.dumps({"said": word})
    if place.prefix in ("S#",) and field == "b":
        return {"B": zlib.compress(body.encode())}
    if field in ("items", "b") and place.noun in ("B",):
        return {"B": zlib.compress(body.encode())}
    return {"S": body if field in ("b", "document", "request", "report") else word}


def every_item(parts: PrivacyParts, raw: Any, tables: list[str]) -> str:
    """All that the tables hold, as one text."""
    found = []
    for table in tables:
        start: dict[str, Any] = {}
        while True:
            page = raw.scan(TableName=table, ConsistentRead=True, **start)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    return "\n".join(_text(item) for item in found)


def _text(item: dict[str, Any]) -> str:
    def shown(value: Any) -> Any:
        if isinstance(value, bytes):
            for wbits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
                try:
                    return zlib.decompress(value, wbits).decode("latin-1")
                except zlib.error:
                    continue
            return value.decode("latin-1")
        return value

    return json.dumps(item, default=shown, ensure_ascii=False)
