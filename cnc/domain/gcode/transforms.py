"""Maps from programmed to work coordinates: scaling and mirror (G51, G51.1), rotation (G68), tilted plane (G68.2)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cnc.domain.gcode.problems import GcodeError

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]

IDENTITY: Final[Matrix] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Affine:
    """`matrix · point + move` over X, Y, Z. An unknown (nan) coordinate spoils only what depends on it."""

    matrix: Matrix = IDENTITY
    move: Vector = (0.0, 0.0, 0.0)

    def apply(self, point: Vector) -> Vector:
        x, y, z = (
            sum((k * v for k, v in zip(row, point, strict=True) if k), shift)
            for row, shift in zip(self.matrix, self.move, strict=True)
        )
        return x, y, z

    def after(self, first: "Affine") -> "Affine":
        """The map that does `first`, then this one."""
        columns = list(zip(*first.matrix, strict=True))
        a, b, c = (_row(row, columns) for row in self.matrix)
        return Affine((a, b, c), self.apply(first.move))

    def inverse(self) -> "Affine":
        """Raises GcodeError when the map cannot be undone (a scale of 0)."""
        (a, b, c), (d, e, f), (g, h, i) = self.matrix
        minors = (e * i - f * h, c * h - b * i, b * f - c * e)
        determinant = a * minors[0] + d * minors[1] + g * minors[2]
        if not abs(determinant) > 1e-12:
            raise GcodeError("scale.zero", seen=f"determinant {determinant:g}", expected="a scale other than 0")
        rows = (
            minors,
            (f * g - d * i, a * i - c * g, c * d - a * f),
            (d * h - e * g, b * g - a * h, a * e - b * d),
        )
        x, y, z = ((r[0] / determinant, r[1] / determinant, r[2] / determinant) for r in rows)
        x0, y0, z0 = Affine((x, y, z)).apply(self.move)
        return Affine((x, y, z), (-x0, -y0, -z0))

    def scale_in(self, first: int, second: int) -> float | None:
        """Factor by which circles of a plane grow, negative when they turn over; None = they do not stay circles."""
        third = 3 - first - second
        m = self.matrix
        if any(abs(k) > 1e-9 for k in (m[third][first], m[third][second], m[first][third], m[second][third])):
            return None
        aa, ab, ba, bb = m[first][first], m[first][second], m[second][first], m[second][second]
        grown = math.hypot(aa, ba)
        if abs(grown - math.hypot(ab, bb)) > 1e-9 * grown or abs(aa * ab + ba * bb) > 1e-9 * grown * grown:
            return None
        return math.copysign(grown, aa * bb - ab * ba)


def _row(row: Vector, columns: Sequence[Sequence[float]]) -> Vector:
    x, y, z = (sum(k * v for k, v in zip(row, column, strict=True)) for column in columns)
    return x, y, z


def about(center: Vector, matrix: Matrix) -> Affine:
    """`matrix` applied around a fixed point."""
    x, y, z = Affine(matrix).apply(center)
    return Affine(matrix, (center[0] - x, center[1] - y, center[2] - z))


def rotation(degrees: float, first: int, second: int) -> Matrix:
    """Turn by `degrees` from axis `first` towards axis `second`."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    rows = [list(row) for row in IDENTITY]
    rows[first][first] = rows[second][second] = cosine
    rows[first][second], rows[second][first] = -sine, sine
    return _matrix(rows)


def diagonal(x: float, y: float, z: float) -> Matrix:
    return (x, 0.0, 0.0), (0.0, y, 0.0), (0.0, 0.0, z)


def tilted(origin: Vector, angles: Vector) -> Affine:
    """G68.2 X Y Z I J K: Euler angles about Z, then the new X, then the new Z."""
    i, j, k = angles
    turn = Affine(rotation(i, 0, 1)).after(Affine(rotation(j, 1, 2))).after(Affine(rotation(k, 0, 1)))
    return Affine(turn.matrix, origin)


def _matrix(rows: list[list[float]]) -> Matrix:
    a, b, c = ((r[0], r[1], r[2]) for r in rows)
    return a, b, c
