"""`python -m greengrass_components.focas --bootstrap FILE`."""

from functools import partial

from greengrass_components.edge_kit.runtime import main
from greengrass_components.focas.client.sessions import Sessions
from greengrass_components.focas.driver import open_driver

if __name__ == "__main__":
    raise SystemExit(main("focas", partial(open_driver, sessions=Sessions())))
