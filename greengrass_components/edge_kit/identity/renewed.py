"""The certificate in use: the one the bootstrap names, or the one the gateway has renewed it with.

A renewed certificate and its key lie in one file, so that a cut never leaves one without the other. It counts for as
long as the bootstrap's certificate is the one it replaced: who puts another there by hand is heard.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from greengrass_components.edge_kit.config import BadConfig, Bootstrap
from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.edge_kit.identity.keys import Credentials, fingerprint


@dataclass(frozen=True, slots=True)
class Renewed:
    """`before` is what it replaced, kept until the new one has connected once (`proven`).

    Until then whichever does not connect gives way to the other: `falls_back` says that it is the older one's turn.
    """

    credentials: Credentials
    before: Credentials
    supersedes: str
    proven: bool = False
    falls_back: bool = False

    @property
    def in_use(self) -> Credentials:
        return self.before if self.falls_back else self.credentials


def path_of(bootstrap: Bootstrap) -> Path:
    return bootstrap.data / "identity" / "current.json"


def load(bootstrap: Bootstrap) -> Renewed | None:
    """None while the bootstrap's own certificate counts. Raises OSError when that cannot be read."""
    _, own = _own(bootstrap)
    try:
        held = json.loads(path_of(bootstrap).read_bytes())
        new, before = (Credentials(**held[name]) for name in ("credentials", "before"))
        found = Renewed(new, before, str(held["supersedes"]), held["proven"] is True, held["falls_back"] is True)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return found if found.supersedes == own and new.fits() else None


def save(bootstrap: Bootstrap, renewed: Renewed) -> None:
    """Raises OSError; what was before then stays."""
    write_atomic(path_of(bootstrap), json.dumps(asdict(renewed)).encode())


def credentials(bootstrap: Bootstrap) -> Credentials:
    """What to connect with. Raises OSError and BadConfig."""
    found = load(bootstrap)
    return found.in_use if found is not None else _own(bootstrap)[0]


def following(bootstrap: Bootstrap, new: Credentials) -> Renewed:
    """`new` in place of what is in use now."""
    return Renewed(new, credentials(bootstrap), _own(bootstrap)[1])


def _own(bootstrap: Bootstrap) -> tuple[Credentials, str]:
    if bootstrap.cert is None or bootstrap.key is None:
        raise BadConfig("a plain process needs cert and key")
    data = bootstrap.cert.read_bytes()
    return Credentials(data.decode(errors="replace"), bootstrap.key.read_text(errors="replace")), fingerprint(data)
