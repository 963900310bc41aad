"""One line of a benchmark's result, and the table they are printed as."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `limit` is what it must reach; a figure without one is there to explain another."""

    benchmark: str
    what: str
    value: float
    unit: str
    limit: float | None = None
    at_least: bool = False
    """Whether the limit is the least the value may be instead of the most."""
    note: str = ""

    @property
    def reached(self) -> bool:
        if self.limit is None:
            return True
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        return "reached" if self.reached else "MISSED"


def table(figures: Sequence[Figure]) -> str:
    """Text columns: benchmark, what, figure, unit, limit, verdict, note."""
    head = ("benchmark", "what", "figure", "unit", "limit", "verdict", "note")
    rows = [head, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(_line(row, widths) for row in rows)


def _cells(figure: Figure) -> tuple[str, ...]:
    limit = "" if figure.limit is None else f"{'>=' if figure.at_least else '<='} {_number(figure.limit)}"
    return (
        figure.benchmark,
        figure.what,
        _number(figure.value),
        figure.unit,
        limit,
        figure.verdict,
        figure.note,
    )


def _number(value: float) -> str:
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"


def _line(row: Iterable[str], widths: Sequence[int]) -> str:
    return "  ".join(
        cell.rjust(width) if column == 2 else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ).rstrip()
