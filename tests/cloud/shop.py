"""A tenant with one machine and hours of rows in the real store, for tests of what reads them."""

from datetime import UTC, datetime, timedelta

from cnc.cloud.store.dirty import DirtyHourStore
from cnc.cloud.store.intervals import IntervalStore
from cnc.cloud.store.latest import LatestStore
from cnc.cloud.store.ledger import LedgerStore
from cnc.cloud.store.minutes import MinuteStore
from cnc.cloud.store.reads import read_stores
from cnc.cloud.store.rollups import RollupStore
from cnc.cloud.store.schemas import SchemaStore
from cnc.cloud.store.shop import ShopStore
from cnc.domain.telemetry.chunk import Header, encode
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.health import Gap, SourceHealth
from cnc.domain.telemetry.schema import Schema, Signal
from cnc.services.caller import Caller
from cnc.services.hours.close import Closed, HourStores, close_hours
from cnc.services.ingest.ports import NewChunk, Newest, Pointers
from cnc.services.read.completeness import completeness_of
from cnc.services.read.reads import ShopReads
from cnc.services.shop import Gateway, Machine, Site, Tenant, User
from cnc.services.stored import ChunkReader
from tests.cloud.fixtures import Cloud

TENANT, OTHER = "t_1111111111111111", "t_2222222222222222"
SITE, THING, MACHINE = "s_1111111111111111", "g_1111111111111111", "m_1111111111111111"
SOURCE, METER = "d_1111111111111111", "d_2222222222222222"
USER = "u_1111111111111111"
BOOT = bytes.fromhex("0000000100000000")
START = datetime(2026, 11, 24, 6, tzinfo=UTC)
START_MS = int(START.timestamp() * 1000)
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
CONTROL = Schema(
    (
        Signal("s1.load", "PERCENT", resolution=0.1),
        Signal("controller.execution", "", "text", texts=("READY", "ACTIVE", "FEED_HOLD")),
    )
)
POWER = Schema((Signal("meter.wattage", "WATT"),))


class Tables:
    def __init__(self, cloud: Cloud) -> None:
        self.telemetry_table = cloud.tables["telemetry"]
        self.shop_table = cloud.tables["shop"]


class Shop:
    """Acts for TENANT while it is made and used."""

    def __init__(self, cloud: Cloud) -> None:
        dynamodb, table = cloud.clients.tenant("dynamodb"), cloud.tables["telemetry"]
        self.rows = ShopStore(cloud.clients, table=cloud.tables["shop"])
        self.chunks = MinuteStore(dynamodb, table=table)
        self.schemas = SchemaStore(dynamodb, table=table)
        self.ledgers = LedgerStore(dynamodb, table=table)
        self.latest = LatestStore(dynamodb, table=table)
        self.marks = DirtyHourStore(dynamodb, table=table)
        self.intervals = IntervalStore(dynamodb, table=table)
        self.told_hours: list[int] = []
        self.hours = HourStores(
            machines=lambda: [machine.id for machine in self.rows.machines()],
            chunks=self.chunks,
            schemas=self.schemas,
            marks=self.marks,
            rollups=RollupStore(dynamodb, table=table),
            intervals=self.intervals,
            told=self,
            missing=self.missing,
        )
        self.reads = ShopReads(
            read_stores(cloud.clients, Tables(cloud)), caller=Caller(TENANT, USER, "user", roles=("owner",))
        )
        self._add_rows()

    def _add_rows(self) -> None:
        self.rows.put_tenant(Tenant(TENANT, "Turning and Milling", START))
        self.rows.put_site(Site(SITE, "Hall", "Europe/Berlin"))
        machine = Machine(MACHINE, "Mill 1", "mill", "A", SITE, True, 40, THING, (SOURCE, METER))
        self.rows.put_machine(machine)
        self.rows.put_gateway(Gateway(THING, "Gateway", SITE, 1, '{"sources":[]}'), seen_version=0)
        self.rows.put_user(User(USER, "https://idp", "abc", "ann@example.com", "Ann", ("owner",)))
        for schema in (CONTROL, POWER):
            self.schemas.add(schema.hash, schema.canonical())

    def minute(self, number: int, *, rows: int = 60, execution: int = 1, load: int = 500, first: int = 0) -> Newest:
        """Store minute `number` after START of the control: seq 60 * number + 1 on, as a gateway would have cut it."""
        seq = first or number * 60 + 1
        columns: list[list[int | None]] = [[load] * rows, [execution] * rows]
        return self.put(Rows(CONTROL.hash, BOOT, seq, START_MS + number * MINUTE_MS, 1000, columns, [0] * rows))

    def meter_minute(self, number: int, *, watt: int) -> Newest:
        """The same boot and seqs as the control, which is what two sources of one journal have."""
        rows = Rows(POWER.hash, BOOT, number * 60 + 1, START_MS + number * MINUTE_MS, 1000, [[watt] * 60], [0] * 60)
        return self.put(rows, source=METER)

    def put(self, rows: Rows, *, source: str = SOURCE) -> Newest:
        chunk = encode(rows)
        head = Header.peek(chunk)
        self.chunks.put([NewChunk(MACHINE, source, head, chunk)], expires_at=START + timedelta(days=35))
        boot = head.boot.hex()
        return Newest(MACHINE, boot, head.first_seq, head.rows, head.t0_ms, head.end_ms, head.schema_hash.hex())

    def point_to(self, newest: dict[str, Newest], *, sent_ms: int = 1, received_ms: int = 1) -> None:
        self.latest.advance(Pointers(THING, newest, False, sent_ms, received_ms))

    def produced(self, rows: int, *gaps: Gap, source: str = SOURCE) -> None:
        last_ms = START_MS + (rows - 1) * 1000
        self.ledgers.write(
            MACHINE, SourceHealth(source, BOOT.hex(), rows, last_ms, START_MS, tuple(gaps)), seen_version=0
        )

    def close(self, now: datetime) -> Closed:
        return close_hours(stores=self.hours, since=START, now=now)

    def closed(self, hour_ms: int, /) -> None:
        """What hears of closed hours."""
        self.told_hours.append(hour_ms)

    def missing(self, machine: str, from_ms: int, to_ms: int, chunks: ChunkReader) -> int:
        counted = completeness_of(machine, from_ms=from_ms, to_ms=to_ms, chunks=chunks, ledgers=self.ledgers)
        return sum(count.missing for count in counted.values())


def at(minutes: float) -> datetime:
    """That many minutes after START."""
    return START + timedelta(minutes=minutes)
