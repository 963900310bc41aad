"""Verify an export of an audit log of CNC Copilot, alone: Python 3.11 or newer and the package `cryptography`.

    python verify_audit.py export.jsonl [--anchors anchors.jsonl] [--key key.hex]

`--anchors` and `--key` are what you kept from earlier. Without them the file speaks for itself: that nothing was
changed in the middle is shown, that nobody made all of it anew is not.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def told(anchors: list[Any], tenant: str, key: str) -> dict[int, str]:
    """Place -> hash; raises for an anchor that is not good."""
    hashes: dict[int, str] = {}
    for one in anchors:
        anchor, public = one["anchor"], Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(one["signature"]), canonical(anchor))
        same = hashes.setdefault(anchor["seq"], anchor["hash"]) == anchor["hash"]
        if not same or (anchor["tenant"], one["key"]) != (tenant, key):
            raise ValueError(f"the anchor of entry {anchor['seq']} is another's or not the only one")
    return hashes


def verify(lines: Iterator[Any], kept: list[Any], key: str) -> str:
    head, seq, previous, end = next(lines), 0, "0" * 64, None
    tenant, anchors = head["tenant"], list(kept)
    hashes = told(anchors, tenant, key or head["key"])
    for line in lines:
        if "anchor" in line:
            hashes |= told([*anchors, line], tenant, key or head["key"])
        elif "end" in line:
            end = line["end"]
        elif "more" not in line:
            seq, entry = seq + 1, line["entry"]
            digest = sha256(previous.encode() + canonical(entry)).hexdigest()
            said = entry["seq"], entry["tenant"] if "v" in entry else tenant, line["previous"], line["hash"]
            if said != (seq, tenant, previous, digest) or hashes.get(seq, digest) != digest or end:
                raise ValueError(f"entry {seq} is not the one that was written")
            previous = digest
    if max(hashes, default=0) > seq or end != {"entries": seq, "head": previous}:
        raise ValueError(f"the file ends at entry {seq}: anchored up to {max(hashes, default=0)}, its end says {end}")
    return f"{seq} entries of {tenant} hold, anchored up to entry {max(hashes, default=0)}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("export", "--anchors", "--key"):
        parser.add_argument(name, type=Path)
    asked = parser.parse_args()
    try:
        kept = [json.loads(line) for line in asked.anchors.read_bytes().splitlines()] if asked.anchors else []
        with asked.export.open("rb") as file:
            print(verify(map(json.loads, file), kept, asked.key.read_text().strip() if asked.key else ""))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the file, it does not verify
        sys.exit(f"does not verify: {error or type(error).__name__}")
