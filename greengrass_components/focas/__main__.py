"""`python -m greengrass_components.focas --bootstrap FILE`."""

from functools import partial
from typing import Final

from greengrass_components.edge_kit.diagnosis import modbus, mtconnect, opcua
from greengrass_components.edge_kit.runtime import main
from greengrass_components.focas.client.sessions import Sessions
from greengrass_components.focas.diagnosis import PROBE
from greengrass_components.focas.driver import open_driver

#: Its own protocol first; the others, so that a machine whose protocol nobody knows can be asked for all of them.
PROBES: Final = (PROBE, modbus.PROBE, mtconnect.PROBE, opcua.PROBE)

if __name__ == "__main__":
    raise SystemExit(main("focas", partial(open_driver, sessions=Sessions()), probes=PROBES))
