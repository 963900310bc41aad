"""The Modbus component as it ships, with the device map of this benchmark: `python -m benchmarks.edge_component`."""

from functools import cache

from benchmarks.edge_map import device
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.driver import Driver
from greengrass_components.edge_kit.gather import gathering_loop
from greengrass_components.edge_kit.runtime import main
from greengrass_components.modbus.driver import driver_of

held = cache(device)


def open_driver(config: SourceConfig) -> Driver:
    return driver_of(config, held())


if __name__ == "__main__":
    raise SystemExit(main("modbus", open_driver, loop_factory=gathering_loop))
