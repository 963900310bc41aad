"""`python -m greengrass_components.mtconnect --bootstrap FILE`."""

from greengrass_components.edge_kit.diagnosis.mtconnect import PROBE
from greengrass_components.edge_kit.runtime import main
from greengrass_components.mtconnect.driver import open_driver

if __name__ == "__main__":
    raise SystemExit(main("mtconnect", open_driver, probes=(PROBE,)))
