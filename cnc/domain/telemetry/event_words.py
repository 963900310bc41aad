"""Words that events of a minute are deflated with: a stream that begins by pointing into them needs a third as much.

Version 2 of a minute's events is the byte 0x0e, which no raw deflate stream begins with (its block type is reserved),
and a raw deflate stream with WORDS as preset dictionary. Shipped gateways packed with these bytes: they never change.
A better dictionary gets a first byte of its own.
"""

from typing import Final

MARK: Final = b"\x0e"

#: What is likeliest stands last: the nearer, the shorter its pointer.
WORDS: Final = b"".join(
    (
        b'{"active":true,"axis":null,"number":,"text":"","type":""}',
        b'{"count":,"feed":100.0,"rapid":100.0,"spindle":100.0}"name":"O","number":',
        b'"UNAVAILABLE""MANUAL_DATA_INPUT""MANUAL""EDIT""SETUP""TRIGGERED""PROGRAM_STOPPED""OPTIONAL_STOP"',
        b'"PROGRAM_COMPLETED""FEED_HOLD""INTERRUPTED""STOPPED""WAIT""READY"',
        b'{"availability":"AVAILABLE","controller_mode":"AUTOMATIC","emergency_stop":"ARMED","execution":"ACTIVE",',
        b'"fault":false,"functional_mode":"PRODUCTION"},"seq":1,"source":"d_","type":"override"},"type":"program"},',
        b'"type":"alarm"},"type":"tool"},"type":"part"},"type":"state"}][{"at_ms":179,"boot":"0000000","data":{"',
    )
)
