"""Print the data processing register: docs/privacy/register.toml -> register.md and register.json beside it."""

import argparse
import json
import sys
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

from cnc.domain.privacy.retention import KEPT, Kept

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "privacy"
_HEAD = "| where | what | personal | kept |"
_ENDS = {
    "ttl": "deleted by the table",
    "job": "removed by the retention job",
    "lifecycle": "removed by the store's own rule",
    "work": "removed when the work is done",
    "person": "until the person leaves or is erased",
    "tenant": "until the company is erased",
}


def source(folder: Path = FOLDER) -> dict[str, Any]:
    """The register as it is written."""
    with (folder / "register.toml").open("rb") as file:
        return tomllib.load(file)


def as_json(register: dict[str, Any]) -> str:
    """With how long each store is kept."""
    stores = [store | {"kept": kept_text(KEPT[store["keeps"]])} for store in register["store"]]
    body = {"processor": register["processor"], "activities": register["activity"], "stores": stores}
    return json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def as_markdown(register: dict[str, Any]) -> str:
    processor = register["processor"]
    lines = [
        "# Records of processing activities",
        "",
        "GDPR, article 30. Printed from `register.toml` by `tools/privacy_register.py`; do not edit.",
        "",
        f"Processor: {processor['name']}, {processor['contact']}. Controllers: {processor['controllers']}.",
        f"Transfers to third countries: {processor['transfers']}.",
        "",
        "Security (article 32):",
        *(f"- {measure}" for measure in processor["security"]),
    ]
    for activity in register["activity"]:
        lines += ["", f"## {activity['purpose']}", f"- Basis: {activity['basis']}", f"- Who: {activity['subjects']}"]
        lines += [
            f"- Recipients: {activity['recipients']}",
            "",
            "| where | what | personal | kept |",
            "|---|---|---|---|",
        ]
        lines += [_row(store) for store in register["store"] if store["activity"] == activity["id"]]
    return "\n".join(lines) + "\n"


def kept_text(kept: Kept) -> str:
    if kept.kept is None:
        return _ENDS[kept.ends.value]
    days = kept.kept / timedelta(days=1)
    span = f"{days:g} days" if days >= 1 else f"{days * 24:g} hours"
    return f"{span}, {_ENDS[kept.ends.value]}"


def _row(store: dict[str, Any]) -> str:
    kept = KEPT[store["keeps"]]
    personal = ", ".join(f"`{name}`" for name in store["personal"]) or "none"
    return f"| {store['where']} `{store['kind']}` | {kept.data} | {personal} | {kept_text(kept)} |"


def main(arguments: list[str] | None = None) -> int:
    """1 with `--check` when a page is old."""
    parser = argparse.ArgumentParser(prog="python -m tools.privacy_register")
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args(arguments).check
    register, old = source(), 0
    for name, text in (("register.md", as_markdown(register)), ("register.json", as_json(register))):
        path = FOLDER / name
        if not path.is_file() or path.read_text() != text:
            old += 1
            print(f"{'old' if check else 'written'}: {path.relative_to(ROOT)}")
            if not check:
                path.write_text(text)
    return int(bool(check and old))


if __name__ == "__main__":
    sys.exit(main())
