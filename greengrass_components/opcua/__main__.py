"""`python -m greengrass_components.opcua --bootstrap FILE`."""

from greengrass_components.edge_kit.diagnosis.opcua import PROBE
from greengrass_components.edge_kit.runtime import main
from greengrass_components.opcua.driver.driver import open_driver

if __name__ == "__main__":
    raise SystemExit(main("opcua", open_driver, probes=(PROBE,)))
