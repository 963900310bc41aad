"""The independent verdict: journals against the table, row by row, and against what a synthetic row must hold."""

from dataclasses import dataclass, field

from greengrass_components.synthetic.driver import values_at
from tests.kills.journals import Written
from tests.kills.rows import Boot, Lives
from tests.kills.store import Stored


@dataclass
class Verdict:
    """Counts of rows before `until_ms`; every list is empty when nothing was lost, doubled or changed."""

    produced: int = 0
    stored: int = 0
    missing: list[tuple[Boot, int]] = field(default_factory=list)
    invented: list[tuple[Boot, int]] = field(default_factory=list)
    changed: list[tuple[Boot, int]] = field(default_factory=list)
    untrue: list[tuple[Boot, int]] = field(default_factory=list)
    holes: list[tuple[Boot, int]] = field(default_factory=list)
    overlaps: int = 0

    @property
    def clean(self) -> bool:
        lists = (self.missing, self.invented, self.changed, self.untrue, self.holes)
        return not self.overlaps and not any(lists)

    def __str__(self) -> str:
        faults = {
            name: (len(found), found[:3])
            for name in ("missing", "invented", "changed", "untrue", "holes")
            if (found := getattr(self, name))
        }
        return f"{self.produced} rows produced, {self.stored} stored, {self.overlaps} doubled, {faults or 'no fault'}"


def judge(written: Written, stored: Stored, *, until_ms: int) -> Verdict:
    """Compare. A hole is a seq that no row of a life has, from 1 to its newest."""
    found = Verdict(overlaps=stored.overlaps, changed=list(stored.conflicts))
    for boot, life in written.lives.items():
        held = stored.lives.get(boot, {})
        found.holes += [(boot, seq) for seq in range(1, max(life) + 1) if seq not in life]
        for seq, row in life.items():
            if row.at_ms >= until_ms:
                continue
            found.produced += 1
            if seq not in held:
                found.missing.append((boot, seq))
                continue
            found.stored += 1
            if held[seq] != row:
                found.changed.append((boot, seq))
    _look_for_inventions(written.lives, stored.lives, found)
    synthetic = {source for source, component in written.components.items() if component == "synthetic"}
    _check_values(stored.lives, synthetic, found)
    return found


def _look_for_inventions(written: Lives, stored: Lives, found: Verdict) -> None:
    for boot, life in stored.items():
        known = written.get(boot, {})
        found.invented += [(boot, seq) for seq in life if seq not in known]


def _check_values(lives: Lives, synthetic: set[str], found: Verdict) -> None:
    for boot, life in lives.items():
        if boot.source not in synthetic:
            continue
        for seq, row in life.items():
            observed = row.values != (None,) * len(row.values)
            if observed and list(row.values) != values_at(boot.source, row.at_ms, len(row.values) - 1):
                found.untrue.append((boot, seq))
