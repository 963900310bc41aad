"""The driver of the component: `open_driver(SourceConfig)`."""

from greengrass_components.focas.driver.driver import FocasDriver, open_driver

__all__ = ["FocasDriver", "open_driver"]
