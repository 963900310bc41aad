"""Tool wear and what it does to cutting.

Flank wear over the used share u of a tool's life has the usual three parts (running in, steady, breakdown) and
reaches the criterion VB = 0.3 mm (ISO 8688, milling, mean over teeth) at u = 1. Cutting force grows with wear.
"""

import math

CRITERION_MM = 0.3


def wear_mm(used: float) -> float:
    """Flank wear VB in mm after the share `used` of the tool's life."""
    running_in = 0.18 * (1.0 - math.exp(-used / 0.05))
    return CRITERION_MM * (running_in + 0.57 * used + 0.25 * used**6)


def force_factor(used: float) -> float:
    """Cutting force relative to a sharp tool: +45 % at the wear criterion."""
    return 1.0 + 0.45 * wear_mm(used) / CRITERION_MM
