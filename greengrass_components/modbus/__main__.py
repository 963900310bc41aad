"""`python -m greengrass_components.modbus --bootstrap FILE`."""

from greengrass_components.edge_kit.diagnosis.modbus import PROBE
from greengrass_components.edge_kit.gather import gathering_loop
from greengrass_components.edge_kit.runtime import main
from greengrass_components.modbus.driver import open_driver

if __name__ == "__main__":
    raise SystemExit(main("modbus", open_driver, probes=(PROBE,), loop_factory=gathering_loop))
