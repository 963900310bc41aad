"""A simulated FANUC control: `FocasSimulator(control, host, port)` serves any machine that satisfies `Control`."""

from greengrass_components.focas.simulator.control import Control
from greengrass_components.focas.simulator.persona import PERSONAS, THIRTY_ONE_I, Persona
from greengrass_components.focas.simulator.server import FocasSimulator
from greengrass_components.focas.simulator.standalone import StandaloneControl

__all__ = ["PERSONAS", "THIRTY_ONE_I", "Control", "FocasSimulator", "Persona", "StandaloneControl"]
