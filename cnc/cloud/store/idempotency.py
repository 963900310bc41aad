"""What a request with an idempotency key was answered, as rows `T#<tenant>#I` / `<sha256>`.

An answer may hold a secret that is shown once, so it is sealed with a key that only the sender of the request can make
again: AES-256-GCM over deflated JSON, `[ nonce 12 b ][ ciphertext and tag ]`.
"""

import json
import zlib
from datetime import datetime, timedelta
from secrets import token_bytes

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from cnc.cloud.store.changes import saved
from cnc.cloud.store.shop_rows import ShopRow, bind
from cnc.cloud.tenancy import Clients, current
from cnc.domain.base.clock import from_ms, to_ms
from cnc.services.idempotency import Held, Mark, Response

_NONCE_BYTES = 12
MOST_BYTES = 300_000  # DynamoDB holds 400 kB in an item; nothing that creates answers so much


class IdempotencyRow(ShopRow):
    """`f` fingerprint of the request, `t` when it began (ms), `b` the sealed answer, `x` for the TTL."""

    f = UnicodeAttribute()
    t = NumberAttribute()
    b = BinaryAttribute(legacy_encoding=False, null=True)
    x = NumberAttribute()


class IdempotencyStore:
    """Marks of the tenant acted for."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        bind(clients, table=table)

    def begin(self, mark: Mark, *, fingerprint: str, at: datetime, kept: timedelta) -> Held | None:
        row = IdempotencyRow(_p(), mark.row, f=fingerprint, t=to_ms(at), x=int((at + kept).timestamp()))
        # The TTL removes late: a mark that is too old counts as gone.
        free = IdempotencyRow.p.does_not_exist() | (IdempotencyRow.t <= to_ms(at - kept))
        if saved(row, free):
            return None
        try:
            held = IdempotencyRow.get(_p(), mark.row, consistent_read=True)
        except DoesNotExist:  # its attempt was refused meanwhile: this one begins
            return self.begin(mark, fingerprint=fingerprint, at=at, kept=kept)
        return Held(held.f, from_ms(int(held.t)), _opened(held.b, mark) if held.b else None)

    def end(self, mark: Mark, response: Response) -> None:
        sealed = _sealed(response, mark)
        if len(sealed) <= MOST_BYTES:
            IdempotencyRow(_p(), mark.row).update(actions=[IdempotencyRow.b.set(sealed)])

    def forget(self, mark: Mark) -> None:
        IdempotencyRow(_p(), mark.row).delete()


def _p() -> str:
    return current().partition("I")


def _sealed(response: Response, mark: Mark) -> bytes:
    """Imported with the first key that is sent: most requests carry none."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = token_bytes(_NONCE_BYTES)
    text = zlib.compress(json.dumps(response, separators=(",", ":")).encode())
    return nonce + AESGCM(mark.secret).encrypt(nonce, text, mark.row.encode())


def _opened(sealed: bytes, mark: Mark) -> Response:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    text = AESGCM(mark.secret).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], mark.row.encode())
    response: Response = json.loads(zlib.decompress(text))
    return response
