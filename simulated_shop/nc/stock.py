"""How much of the stock a feed move removes, and the power that takes.

P = kc * Q / 60,000 (W; kc in N/mm2, Q in mm3/min), the textbook relation of cutting power and removal rate.
"""

import math
from typing import Protocol

from .tools import Material, Tool

CELL_MM = 1.0


class Stock(Protocol):
    """Removal along one straight feed move in work coordinates, in mm3/min."""

    def removal(
        self, start: tuple[float, ...], end: tuple[float, ...], *, tool: Tool, feed: float, rpm: float
    ) -> float: ...


def cutting_power_w(removal_mm3_min: float, *, material: Material) -> float:
    return material.kc_n_mm2 * removal_mm3_min / 60_000.0


class MillStock:
    """A block whose top is Z 0: a tool below it engages with ap = min(its depth, -Z) and its own ae."""

    def removal(
        self, start: tuple[float, ...], end: tuple[float, ...], *, tool: Tool, feed: float, rpm: float
    ) -> float:
        deepest = min(start[2], end[2])
        if deepest >= 0.0 or rpm == 0.0:
            return 0.0
        depth = min(tool.depth_mm, -deepest)
        flat = math.hypot(end[0] - start[0], end[1] - start[1])
        turned = any(a != b for a, b in zip(start[3:], end[3:], strict=True))
        if flat == 0.0 and not turned:
            if end[2] >= start[2]:
                return 0.0
            # A drill meets its whole section; a milling cutter goes down beside the part or on a ramp.
            drills = tool.width_mm >= tool.diameter_mm
            return feed * (math.pi / 4 * tool.diameter_mm**2 if drills else tool.depth_mm * tool.width_mm / 4)
        return depth * tool.width_mm * feed


class BarStock:
    """A turned bar as one diameter per millimetre of Z; every move leaves the bar smaller.

    X is a diameter, Z 0 the face. Q = ap * f * Vc with ap the mean radial depth along the move.
    """

    def __init__(self, *, diameter_mm: float, length_mm: float) -> None:
        self._diameter_mm = diameter_mm
        self._cells = [diameter_mm] * (int(length_mm / CELL_MM) + 1)

    def removal(
        self, start: tuple[float, ...], end: tuple[float, ...], *, tool: Tool, feed: float, rpm: float
    ) -> float:
        if rpm == 0.0:
            return 0.0
        (x0, z0), (x1, z1) = start[:2], end[:2]
        if tool.diameter_mm and x0 == x1 == 0.0:
            return math.pi / 4 * tool.diameter_mm**2 * feed if z1 < min(z0, 0.0) else 0.0
        speed_mm_min = math.pi * max((x0 + x1) / 2, 1.0) * rpm
        depth = self._turn(x0, z0, x1, z1) if abs(z1 - z0) >= CELL_MM else self._face(x0, x1, z1, tool)
        return depth * (feed / rpm) * speed_mm_min

    def _turn(self, x0: float, z0: float, x1: float, z1: float) -> float:
        low, high = sorted((z0, z1))
        cells = range(max(0, math.ceil(-high / CELL_MM)), min(len(self._cells), int(-low / CELL_MM) + 1))
        total = 0.0
        for cell in cells:
            x = x0 + (x1 - x0) * (-cell * CELL_MM - z0) / (z1 - z0)
            total += max(0.0, self._cells[cell] - x) / 2
            self._cells[cell] = min(self._cells[cell], x)
        return total / len(cells) if cells else 0.0

    def _face(self, x0: float, x1: float, z: float, tool: Tool) -> float:
        cell = round(-z / CELL_MM)
        if x1 >= x0 or not 0 <= cell < len(self._cells) or x1 >= self._cells[cell]:
            return 0.0
        self._cells[cell] = max(x1, 0.0)
        return tool.depth_mm if z == 0.0 else tool.width_mm
