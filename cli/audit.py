"""`cnc audit export` and `cnc audit verify`: take an audit log along, and prove that it holds, with nobody's help.

    cnc audit export --rest https://portal.example/v1 --api-key key.txt --out export.jsonl
    cnc audit verify --export export.jsonl [--anchors anchors.jsonl] [--key key.hex]

The key needs the scope `audit`. `--anchors` (lines of an earlier export) and `--key` are what was kept elsewhere: with
them a chain that was made anew as a whole, or cut, is found as well.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from cli.refusal import CannotStart
from cnc.cloud.ed25519 import fits
from cnc.domain.audit.anchor import SignedAnchor
from cnc.domain.audit.export import Proof, prove
from cnc.domain.base.clock import rfc3339
from cnc.domain.base.errors import BadValue

TIMEOUT_S: Final = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Of the command and its two parts."""
    parts = parser.add_subparsers(required=True, metavar="export|verify", dest="part")
    export = parts.add_parser("export", help="write the whole log with its anchors into a file")
    export.add_argument("--rest", required=True, metavar="URL", help="address of the API, such as https://…/v1")
    export.add_argument(
        "--api-key", type=Path, required=True, metavar="FILE", help="file with a key of the scope audit"
    )
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="file to write, which must not exist")
    verify = parts.add_parser("verify", help="prove that an export holds")
    verify.add_argument("--export", type=Path, required=True, metavar="FILE")
    verify.add_argument("--anchors", type=Path, metavar="FILE", help="anchors kept from elsewhere, or an older export")
    verify.add_argument("--key", type=Path, metavar="FILE", help="public key kept from elsewhere, 64 hex digits")


def audit(options: argparse.Namespace) -> int:
    """1 when the log does not hold. Raises CannotStart."""
    return _export(options) if options.part == "export" else _verify(options)


def _export(options: argparse.Namespace) -> int:
    if not options.rest.startswith(("https://", "http://")):
        raise CannotStart(f"--rest {options.rest}: expected an address such as https://portal.example/v1")
    key = _read(options.api_key).strip()
    try:
        options.out.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise CannotStart(f"{options.out} cannot be made ({error}); name a file that does not exist yet") from error
    try:
        with options.out.open("w", encoding="utf-8") as file:
            lines = sum(file.write(f"{line}\n") > 0 for line in _parts(options.rest.rstrip("/"), key))
    except BaseException:
        options.out.unlink()
        raise
    print(f"{options.out}: {lines} lines")
    return 0


def _parts(rest: str, key: str) -> Iterator[str]:
    """The lines of all parts, without what joins them."""
    cursor = ""
    while True:
        query = f"?{urlencode({'cursor': cursor})}" if cursor else ""
        lines = _asked(f"{rest}/audit/export{query}", key).splitlines()
        last = json.loads(lines[-1]) if lines else {}
        if "more" not in last:
            yield from lines
            return
        yield from lines[:-1]
        cursor = str(last["more"])


def _asked(url: str, key: str) -> str:
    request = Request(url, headers={"authorization": f"Bearer {key}"})  # noqa: S310 - http and https, checked before
    try:
        with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            text: str = answer.read().decode()
            return text
    except HTTPError as error:
        raise CannotStart(f"{url}: {error.code} {error.read(500).decode(errors='replace')}") from error
    except (URLError, TimeoutError, OSError) as error:
        raise CannotStart(f"{url} does not answer: {error}") from error


def _verify(options: argparse.Namespace) -> int:
    key = _read(options.key).strip() if options.key else ""
    kept = [line for line in _read(options.anchors).splitlines() if '"anchor"' in line] if options.anchors else []
    try:
        with options.export.open(encoding="utf-8") as file:
            proof = prove(file, fits=fits, key=key, anchors=[SignedAnchor.unpack(line) for line in kept])
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"{options.export} cannot be read: {error}") from error
    except BadValue as error:
        print(f"DOES NOT HOLD: {error}")
        return 1
    print(_sentence(proof))
    return 0 if proof.holds else 1


def _sentence(proof: Proof) -> str:
    verdict = proof.verdict
    if not verdict.holds:
        found = f"saw {verdict.seen}, expected {verdict.expected}"
        return (
            f"DOES NOT HOLD: entry {verdict.seq} ({verdict.problem}): {found}; {verdict.entries} entries before it do"
        )
    if proof.bad_anchors:
        return f"DOES NOT HOLD: the anchors of entries {', '.join(map(str, proof.bad_anchors))} are not good ones"
    if not proof.whole:
        return f"DOES NOT HOLD: the file is not whole; {verdict.entries} entries before it do"
    anchor = proof.anchor
    told = f"anchored up to entry {anchor.seq} at {rfc3339(anchor.at_ms)}" if anchor else "not anchored yet"
    return f"{verdict.entries} entries of {proof.tenant} hold, {told}; key {proof.key or 'none'}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"{path} cannot be read: {error}") from error
