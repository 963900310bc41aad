"""Bytes of one MQTT 5 connection into packets, bounded before anything is buffered or parsed."""

import mqtt5

from local_cloud.broker.limits import MAX_PACKET_BYTES

Packet = mqtt5.Packet


class Malformed(Exception):
    """No amount of reading can make this a packet; `reason` is for the DISCONNECT."""

    def __init__(self, reason: mqtt5.DisconnectReasonCode, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def take(buffer: bytearray) -> Packet | None:
    """Removes the first whole packet; None = read more. Raises Malformed."""
    size = _size(buffer)
    if size is None or len(buffer) < size:
        return None
    whole = bytes(buffer[:size])
    del buffer[:size]
    packet, used = _parse(whole)
    if used != size:
        reason = mqtt5.DisconnectReasonCode.MALFORMED_PACKET
        raise Malformed(reason, f"packet of {size} bytes, its content ends after {used}")
    return packet


def _parse(whole: bytes) -> tuple[Packet, int]:
    try:
        return mqtt5.read(memoryview(whole))
    except BaseException as error:
        # The codec panics on text that is no UTF-8, and a panic is no Exception.
        expected = isinstance(error, (ValueError, IndexError, OverflowError))
        if not expected and type(error).__name__ != "PanicException":
            raise
        reason = mqtt5.DisconnectReasonCode.MALFORMED_PACKET
        raise Malformed(reason, f"packet type {whole[0] >> 4} of {len(whole)} bytes: {error}") from None


def _size(buffer: bytearray) -> int | None:
    """Whole size by the fixed header (MQTT 5, 1.5.5), None while the header is incomplete."""
    length, shift = 0, 0
    for at in range(1, 5):
        if at >= len(buffer):
            return None
        length |= (buffer[at] & 0x7F) << shift
        if not buffer[at] & 0x80:
            break
        shift += 7
    else:
        raise Malformed(mqtt5.DisconnectReasonCode.MALFORMED_PACKET, "remaining length of more than 4 bytes")
    if at + 1 + length > MAX_PACKET_BYTES:
        reason = mqtt5.DisconnectReasonCode.PACKET_TOO_LARGE
        raise Malformed(reason, f"packet of {length} bytes: at most {MAX_PACKET_BYTES} are allowed")
    return at + 1 + length
