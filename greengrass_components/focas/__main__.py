"""`python -m greengrass_components.focas --bootstrap FILE [--library PATH]`.

`--library` is the maker's own library (fwlib32.dll, libfwlib32.so), for sources with `"backend": "vendor"`. It is
given here and never by the configuration document: whoever may change that must not choose what is loaded.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from greengrass_components.edge_kit.diagnosis import modbus, mtconnect, opcua
from greengrass_components.edge_kit.runtime import main as run
from greengrass_components.focas.client.sessions import Sessions
from greengrass_components.focas.diagnosis import PROBE
from greengrass_components.focas.driver import open_driver
from greengrass_components.focas.gate.wiring import gate_of
from greengrass_components.focas.vendor.sessions import vendor_sessions

#: Its own protocol first; the others, so that a machine whose protocol nobody knows can be asked for all of them.
PROBES: Final = (PROBE, modbus.PROBE, mtconnect.PROBE, opcua.PROBE)


def main(argv: Sequence[str]) -> int:
    """Exit codes of `edge_kit.runtime.main`."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--library", type=Path)
    own, rest = parser.parse_known_args(argv)
    opener = partial(open_driver, sessions=Sessions(), vendor=vendor_sessions(own.library))
    return run("focas", opener, rest, probes=PROBES, beside=(gate_of,))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
