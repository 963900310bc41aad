"""The client: `FocasClient` and what it raises (`greengrass_components.focas.errors`)."""

from greengrass_components.focas.client.client import PORT, FocasClient

__all__ = ["PORT", "FocasClient"]
