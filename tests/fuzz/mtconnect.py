"""Documents, streams and paths of MTConnect: any bytes are read, or refused by name.

The first byte chooses the reader: probe documents become signals, streams become rows, parts are cut from a stream,
texts are paths over a device.
"""

from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.edge_kit.mtconnect.paths import BadPath, select
from greengrass_components.mtconnect.items import columns
from greengrass_components.mtconnect.multipart import Multipart, boundary_of
from greengrass_components.mtconnect.protocol import parse_devices, parse_streams
from greengrass_components.mtconnect.state import DeviceState
from tests.fuzz.target import SEEDS, Target
from tests.mtconnect.agents import device

_DEVICES = (device("d1", "Mill"), device("d2", "Lathe"))
_MODEL = parse_devices((SEEDS / "mtconnect" / "probe").read_bytes()[1:])[1][0]


def _probe(data: bytes) -> None:
    for model in parse_devices(data)[1]:
        found, _ = columns(model)
        state = DeviceState(model, found)
        state.reading()


def _streams(data: bytes) -> None:
    state = DeviceState(_MODEL, columns(_MODEL)[0])
    for seen in parse_streams(data).observations:
        state.take(seen)
    state.reading()


def _parts(data: bytes) -> None:
    """In pieces, as a network gives them."""
    reader = Multipart(boundary_of("multipart/x-mixed-replace; boundary=abc"))
    for at in range(0, len(data), 7):
        for part in reader.feed(data[at : at + 7]):
            parse_streams(part)


def _path(data: bytes) -> None:
    select(data.decode("utf-8", "replace"), _DEVICES)


_READERS = {ord("p"): _probe, ord("s"): _streams, ord("m"): _parts, ord("x"): _path}


def parse(data: bytes) -> None:
    reader = _READERS.get(data[0] if data else 0, _streams)
    reader(data[1:])


_WORDS = """
<!DOCTYPE&#32;a[<!ENTITY&#32;b"c">]> &b; <![CDATA[ ]]> <!-- --abc Content-length: sequence="1" nativeCode="" <Fault
<Normal/> <Unavailable dataItemId="xp" //DataItem [@id='a'] nextSequence="9" timestamp="2026-11-24T00:00:00Z" </Events>
&#0; xmlns:m= m: NaN 1e999 <Value> </Value> or and not( contains( | firstSequence="99999999999999999999" TIME_SERIES
"""

TARGET = Target(
    parse,
    allowed=(DriverError, BadPath),
    words=(*(word.encode() for word in _WORDS.split()), b"\r\n\r\n", b'<!DOCTYPE a [<!ENTITY b "c">]>', b"\xff\xfe"),
)
