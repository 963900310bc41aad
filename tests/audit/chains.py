"""Chains for tests, made without a table."""

from cnc.domain.audit.entry import Action, Entry, following

ONE, TWO = "t_1111111111111111", "t_2222222222222222"


def action(number: int, *, result: str = "done") -> Action:
    return Action("u_1111111111111111", "gateway.configured", f"g_{number:016d}", result, number)


def chain(length: int, *, tenant: str = ONE, offset: int = 0) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(length):
        entries.append(following(entries[-1] if entries else None, action(number + offset), tenant=tenant))
    return entries
