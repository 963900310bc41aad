"""Diagnosis of a FANUC control: `PROBE` for `edge_kit.diagnosis`."""

from greengrass_components.focas.diagnosis.handshake import PROBE

__all__ = ["PROBE"]
