"""Objects of closed hours for export: the rows of one machine out of one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from cnc.cloud.store.parquet import NAME, options_of
from cnc.cloud.tenancy import current
from cnc.domain.base.clock import from_ms

_ABSENT = frozenset({"NoSuchKey", "404", "403", "AccessDenied"})
_OWN = ("machine", "source", "boot", "seq", "at", "quality")


@dataclass(frozen=True, slots=True)
class HourFileStore:
    """`s3` makes the client, which signs for the tenant acted for."""

    s3: Callable[[], Any]
    bucket: str

    def of_machine(self, hour_ms: int, machine: str) -> bytes | None:
        """The rows of one machine as a file of the same form; None without any."""
        key = current().object_key("parquet", at=from_ms(hour_ms), name=NAME)
        try:
            body = self.s3().get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        return only(body, machine)


def only(body: bytes, machine: str) -> bytes | None:
    """Rows of one machine, with the columns that it has values in."""
    table = pq.read_table(pa.BufferReader(body), filters=pc.field("machine") == machine)
    if not table.num_rows:
        return None
    kept = [name for name in table.column_names if name in _OWN or table[name].null_count < table.num_rows]
    table = table.select(kept)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options_of(table.schema))
    return bytes(sink.getvalue().to_pybytes())
