"""Commands of Sparkplug B: any bytes are commands, or refused by name."""

from greengrass_components.sparkplug.payload import BadPayload, decode_commands
from tests.fuzz.target import Target

TARGET = Target(
    decode_commands,
    allowed=(BadPayload,),
    words=(b"\x0a", b"\x12\x1c", b"\x10\x00", b"\x70\x01", b"\xff" * 9 + b"\x01", b"Node Control/Rebirth", b"\x18\x01"),
)
