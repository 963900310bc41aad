"""`python -m greengrass_components.edge_kit.enrol --claim FOLDER --data FOLDER`: make this computer a gateway.

FOLDER of the claim is what `cnc enrol-token` wrote: `claim.toml` beside the claim's certificate and key and the
cloud's authority. The data folder gets an own key, the certificate for it, and the bootstrap of the components.
May be killed at any step and begun again: it goes on, and a gateway that is enrolled stays what it is.
"""

import argparse
import asyncio
import json
import secrets
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from greengrass_components.edge_kit.config import BadConfig, Bootstrap, read_bootstrap
from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.edge_kit.identity.exchange import Exchange, Granted, Refused
from greengrass_components.edge_kit.in_time import in_time
from greengrass_components.edge_kit.link import LinkError
from greengrass_components.edge_kit.mqtt_link import MqttLink
from greengrass_components.edge_kit.runtime import start_logging

CONNECT_TIMEOUT_S: Final = 30.0
_NAMES: Final = ("endpoint", "ca", "cert", "key", "template", "token")


@dataclass(frozen=True, slots=True)
class Claim:
    """What may enrol, and nothing else."""

    endpoint: str
    port: int
    ca: Path
    cert: Path
    key: Path
    template: str
    token: str
    write_key: str = ""

    @classmethod
    def read(cls, folder: Path) -> "Claim":
        """Raises BadConfig."""
        path = folder / "claim.toml"
        try:
            said = tomllib.loads(path.read_text())
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadConfig(f"{path}: {error}") from error
        texts = {name: said.get(name) for name in _NAMES}
        missing = [name for name, text in texts.items() if not isinstance(text, str) or not text]
        port = said.get("port", 8883)
        if missing or not isinstance(port, int) or not 0 < port < 65536:
            raise BadConfig(f"{path}: {', '.join(missing) or 'port'} is missing or cannot be used")
        files = {name: folder / str(texts[name]) for name in ("ca", "cert", "key")}
        absent = [str(file) for file in files.values() if not file.is_file()]
        if absent:
            raise BadConfig(f"{path}: {', '.join(absent)} does not exist")
        endpoint, template, token = (str(texts[name]) for name in ("endpoint", "template", "token"))
        return cls(endpoint, port, **files, template=template, token=token, write_key=str(said.get("write_key", "")))


async def enrol(claim: Claim, data: Path) -> Bootstrap:
    """The bootstrap of the gateway, which is the last thing written. Raises Refused, LinkError, OSError, BadConfig."""
    path = data / "bootstrap.toml"
    if path.exists():
        return read_bootstrap(path)
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    pending = data / "identity" / "enrolment.json"
    link = MqttLink(
        Bootstrap(
            thing=f"enrol-{secrets.token_hex(8)}",
            tenant="",
            site="",
            data=data / "identity" / "claim",
            endpoint=claim.endpoint,
            port=claim.port,
            ca=claim.ca,
            cert=claim.cert,
            key=claim.key,
        )
    )
    connected = asyncio.Event()
    try:
        await link.start([], lambda _topic, _payload: None, connected.set)
        await in_time(CONNECT_TIMEOUT_S, connected.wait())
        granted = await Exchange(link, claim.template, pending, token=claim.token).run()
    except TimeoutError as error:
        raise LinkError(
            f"no connection to {claim.endpoint}:{claim.port} within {CONNECT_TIMEOUT_S:.0f} s ({link.trouble}): is the"
            " address right, the port open, and the claim not ended?"
        ) from error
    finally:
        await link.close()
    keep(granted, claim=claim, data=data)
    pending.unlink()
    return read_bootstrap(path)


def keep(granted: Granted, *, claim: Claim, data: Path) -> None:
    """Key, certificate, authority, and last the bootstrap that names them. Raises OSError."""
    write_atomic(data / "private.pem.key", granted.credentials.key.encode())
    write_atomic(data / "certificate.pem.crt", granted.credentials.certificate.encode())
    write_atomic(data / "ca.pem", claim.ca.read_bytes())
    lines = {
        "endpoint": claim.endpoint,
        "ca": "ca.pem",
        "cert": "certificate.pem.crt",
        "key": "private.pem.key",
        "thing": granted.thing,
        "tenant": granted.tenant,
        "site": granted.site,
        "template": claim.template,
        "write_key": claim.write_key,
        "data": ".",
    }
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
    write_atomic(data / "bootstrap.toml", f"{text}port = {claim.port}\n".encode())


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 when this is a gateway now, 2 for a claim that cannot be used, 1 for all that may pass."""
    parser = argparse.ArgumentParser(prog="python -m greengrass_components.edge_kit.enrol")
    parser.add_argument("--claim", type=Path, required=True, help="folder that `cnc enrol-token` wrote")
    parser.add_argument("--data", type=Path, required=True, help="folder of the gateway, empty at first")
    options = parser.parse_args(argv)
    start_logging()
    try:
        made = asyncio.run(enrol(Claim.read(options.claim), options.data))
    except (BadConfig, Refused) as error:
        print(f"not enrolled: {error}", file=sys.stderr)
        return 2
    except (LinkError, OSError) as error:
        print(f"not enrolled yet: {error}; begin again, it goes on where it was", file=sys.stderr)
        return 1
    print(f"{made.thing} is enrolled; start its components with --bootstrap {options.data / 'bootstrap.toml'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
