"""Audit chains: entries verified per second, beside a bare loop of SHA-256 and JSON, and appends by many writers.

The bare loop is what any verifier has to do at least: take the digest of every entry's canonical JSON and read it.
"""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

from benchmarks.engine import REGION, NoSts, engine
from benchmarks.figures import Figure, table
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.domain.audit.chain import verify
from cnc.domain.audit.entry import Action, Entry, digest, following
from cnc.domain.audit.export import entry_of, line_of

TENANT = "t_0123456789abcdef"
ENTRIES = 100_000
ROUNDS = 3
WRITERS = (1, 8, 32)
APPENDS = 640


def chain(length: int = ENTRIES) -> list[Entry]:
    """Entries as the product writes them: ids, digests, a pseudonym, a request id."""
    entries: list[Entry] = []
    last = None
    for number in range(length):
        action = Action(
            "u_0123456789abcdef",
            "change.approved",
            f"c_{number:016d}",
            "done",
            1_700_000_000_000 + number,
            address="5f2b8f0e6c1d4a37",
            before=digest(number),
            after=digest(number + 1),
            trace=f"r-{number}",
        )
        last = following(last, action, tenant=TENANT)
        entries.append(last)
    return entries


def bare(entries: list[Entry]) -> None:
    previous = "0" * 64
    for entry in entries:
        previous = sha256((previous + entry.body).encode()).hexdigest()
        json.loads(entry.body)


def rate(run: Callable[[], object], entries: int) -> float:
    """Entries per second of CPU, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return entries / best


def run() -> list[Figure]:
    entries = chain()
    lines = [line_of(entry) for entry in entries]
    told = {ENTRIES: entries[-1].hash}
    if not verify(entries, tenant=TENANT, told=told).holds:
        raise RuntimeError("the chain that is measured does not hold")
    plain = rate(lambda: bare(entries), ENTRIES)
    ours = rate(lambda: verify(entries, tenant=TENANT, told=told), ENTRIES)
    read = rate(lambda: verify((entry_of(line, seq=n) for n, line in enumerate(lines, 1)), tenant=TENANT), ENTRIES)
    note = f"{plain:,.0f} entries/s bare"
    return [
        Figure("audit", "entries verified per CPU second", ours, "1/s", 100_000, at_least=True, note=note),
        Figure("audit", "  of a bare loop of sha256 and json", ours / plain, "ratio"),
        Figure("audit", "entries of an export verified per CPU second", read, "1/s"),
        Figure("audit", "one entry as a line of an export", len(lines[0]), "bytes"),
        *_appended(),
    ]


def _appended() -> list[Figure]:
    """Appends at the engine by so many writers of one chain at once; every place is checked afterwards."""
    figures = []
    with engine():
        clients = Clients(region=REGION, tenant_role_arn="arn:aws:iam::000000000000:role/bench")
        clients._made["sts", True] = NoSts()
        for number, writers in enumerate(WRITERS):
            tenant = f"t_{number:016d}"
            took_s = _race(clients, tenant, writers)
            with acting_for(tenant):
                held = verify(AuditStore(clients.tenant("dynamodb"), table="audit").all(), tenant=tenant)
            if not held.holds or held.entries != APPENDS:
                raise RuntimeError(f"{writers} writers: {held}")
            what = f"appends/s, {writers} writer{'s' * (writers > 1)} of one chain"
            figures.append(Figure("audit", what, APPENDS / took_s, "1/s", note="wall time, engine on this computer"))
    return figures


def _race(clients: Clients, tenant: str, writers: int) -> float:
    store = AuditStore(clients.tenant("dynamodb"), table="audit")

    def write(numbers: range) -> None:
        with acting_for(tenant):
            for number in numbers:
                store.commit(Action("u_0123456789abcdef", "bench.appended", f"o_{number}", "done", number))

    start = time.perf_counter()
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, [range(first, APPENDS, writers) for first in range(writers)]))
    return time.perf_counter() - start


if __name__ == "__main__":
    print(table(run()))
