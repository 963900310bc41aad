"""The switch of the write gate, by hand at the gateway.

`python -m greengrass_components.focas.gate {on,off,unlock,status} --data FOLDER [--machine m_…]`
`… stop` closes everything on this gateway at once, `… go` opens that again.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cnc.domain.base.errors import BadId
from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.focas.gate.switch import Switch

_OF_MACHINE = ("on", "off", "unlock")


def main(argv: Sequence[str] | None = None) -> int:
    """0 when done, 2 for arguments that cannot be used, 1 when the folder cannot be written."""
    parser = argparse.ArgumentParser(prog="python -m greengrass_components.focas.gate", description=__doc__)
    parser.add_argument("action", choices=[*_OF_MACHINE, "stop", "go", "status"])
    parser.add_argument("--data", type=Path, required=True, help="data folder of the gateway's bootstrap")
    parser.add_argument("--machine", default="", help="m_…")
    options = parser.parse_args(argv)
    switch = Switch(options.data / "writing")
    if not options.data.is_dir():
        print(f"{options.data} is no folder: name the data folder of the gateway's bootstrap.", file=sys.stderr)
        return 2
    try:
        _do(switch, options.action, options.machine)
    except BadId as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{switch.folder} cannot be written: {error}", file=sys.stderr)
        return 1
    print(_state(switch, options.machine))
    return 0


def _do(switch: Switch, action: str, machine: str) -> None:
    if action == "on":
        switch.turn_on(machine)
    elif action == "off":
        switch.turn_off(machine)
    elif action == "unlock":
        switch.unlock(machine)
    elif action == "stop":
        write_atomic(switch.folder / "stop", b"")
    elif action == "go":
        (switch.folder / "stop").unlink(missing_ok=True)


def _state(switch: Switch, machine: str) -> str:
    if (switch.folder / "stop").exists():
        return "Writing is stopped for this gateway."
    if machine and (switch.folder / "locked" / machine).exists():
        return f"Writing to {machine} is locked: a write could not be undone. Look at the control, then `unlock`."
    until_ms = switch.enabled_until_ms(machine)
    if not until_ms:
        return f"Writing to {machine or 'machines'} is off."
    return f"Writing to {machine} is on until {datetime.fromtimestamp(until_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC."


if __name__ == "__main__":
    raise SystemExit(main())
