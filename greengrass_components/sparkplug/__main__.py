"""`python -m greengrass_components.sparkplug --bootstrap FILE`."""

from greengrass_components.edge_kit.output import main
from greengrass_components.sparkplug.node import SparkplugNode

if __name__ == "__main__":
    raise SystemExit(main("sparkplug", SparkplugNode))
