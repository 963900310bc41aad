"""`python -m greengrass_components.synthetic --bootstrap FILE`."""

from greengrass_components.edge_kit.runtime import main
from greengrass_components.synthetic.driver import open_driver

if __name__ == "__main__":
    raise SystemExit(main("synthetic", open_driver))
