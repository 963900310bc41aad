"""The demo shops of one data folder: made once through the product's services, remembered in `demo.json`."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.enrol import GatewayFolder
from cli.refusal import CannotStart
from local_cloud.supervisor import Outputs

_TIMEOUT_S = 300


@dataclass(frozen=True)
class Demo:
    """What `cli.seed` wrote; secrets included, so the file is its owner's alone."""

    document: dict[str, Any]

    @property
    def users(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.document["users"]
        return found

    @property
    def gateways(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.document["gateways"]
        return found

    @property
    def machines(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.document["machines"]
        return found

    def endpoints(self, outputs: Outputs, *, floor: bool) -> dict[str, Any]:
        """The contents of endpoints.json, processes aside."""
        spare = next(gateway for gateway in self.gateways if gateway["spare"])
        folder = Path(spare["folder"])
        return {
            "portal": outputs.origin,
            "graphql": f"{outputs.origin}/graphql",
            "graphql_ws": f"{outputs.origin.replace('http', 'ws', 1)}/socket",
            "rest": f"{outputs.origin}/v1",
            "aws": {
                "url": outputs.aws_url,
                "region": outputs.region,
                "access_key_id": outputs.admin.access_key_id,
                "secret_access_key": outputs.admin.secret_access_key,
            },
            "mqtt": {
                "host": outputs.mqtt_host,
                "port": outputs.mqtt_port,
                "ca": outputs.mqtt_ca,
                "cert": str(folder / "certificate.pem.crt"),
                "key": str(folder / "private.pem.key"),
                "tenant": spare["tenant"],
                "site": spare["site"],
                "thing": spare["thing"],
            },
            "simulators": self._simulators() if floor else [],
            "users": [{k: user[k] for k in ("tenant", "email", "password", "role")} for user in self.users],
            "api_keys": self.document["api_keys"],
        }

    def _simulators(self) -> list[dict[str, Any]]:
        return [
            {"machine": machine["id"], "kind": served["kind"], "host": served["host"], "port": served["port"]}
            for machine in self.machines
            for served in machine["serve"]
        ]


def path(data: Path) -> Path:
    return data / "demo.json"


def load(data: Path) -> Demo:
    """The demo of a data folder that has one. Raises CannotStart."""
    try:
        return Demo(json.loads(path(data).read_bytes()))
    except (OSError, ValueError) as reason:
        raise CannotStart(f"{path(data)} cannot be read ({reason}); choose another folder with --data") from reason


@dataclass(frozen=True)
class Asked:
    """What the shops of a new data folder are to hold. `machines` None: the demo as it is described."""

    machines: int | None
    synthetic: int
    synthetic_rate_hz: int
    speed: int = 1
    since: str = ""

    def arguments(self) -> list[str]:
        """As `cli.seed` takes them."""
        counted = [] if self.machines is None else ["--machines", str(self.machines)]
        proof = ["--synthetic", str(self.synthetic), "--synthetic-rate", str(self.synthetic_rate_hz)]
        lapse = ["--speed", str(self.speed), *(["--since", self.since] if self.since else [])]
        return [*counted, *proof, *lapse]


def ensure(data: Path, outputs: Outputs, asked: Asked, *, say: Callable[[str], None]) -> None:
    """Make the demo shops, or check that the folder holds what was asked for. Raises CannotStart."""
    if path(data).is_file():
        held = load(data).document["asked"]
        if asked.arguments() not in (held, Asked(None, 0, 1).arguments()):
            raise CannotStart(f"{data} was made with {' '.join(held)}: ask for the same or name another --data")
    else:
        say("making the demo shops")
        operate("cli.seed", data, outputs, asked.arguments(), what="making the demo shops")
    _write_bootstraps(load(data), outputs)


def _write_bootstraps(held: Demo, outputs: Outputs) -> None:
    """The broker's port may differ from one start to the next, so these files are written at each."""
    for gateway in held.gateways:
        GatewayFolder(Path(gateway["folder"])).write_bootstrap(
            endpoint=outputs.mqtt_host,
            port=outputs.mqtt_port,
            ca=Path(outputs.mqtt_ca),
            thing=gateway["thing"],
            tenant=gateway["tenant"],
            site=gateway["site"],
            write_key=held.document.get("write_key", ""),
            template="cnc-local-gateways",
            shop_clock=held.document["clock"],
        )


def keep(data: Path, document: dict[str, Any]) -> None:
    """Replace `demo.json` as a whole; only its owner may read it."""
    partial = path(data).with_suffix(".part")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(document, file, indent=1)
    partial.replace(path(data))


def operate(module: str, data: Path, outputs: Outputs, arguments: Sequence[str], *, what: str) -> None:
    """Run a module of ours with the operator's credentials, which this process does not use itself.

    It gets `--data` and `--cloud` besides `arguments`; its memory ends with it. Raises CannotStart.
    """
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "AWS_ENDPOINT_URL": outputs.aws_url,
        "AWS_REGION": outputs.region,
        "AWS_DEFAULT_REGION": outputs.region,
        "AWS_ACCESS_KEY_ID": outputs.admin.access_key_id,
        "AWS_SECRET_ACCESS_KEY": outputs.admin.secret_access_key,
    }
    facts = {
        "stage": "local",
        "pool": outputs.user_pool_id,
        "issuer": next(value for name, value in outputs.parameters.items() if name.endswith("/oidc-issuer")),
        "person_key": next(v for name, v in outputs.parameters.items() if name.endswith("/person-key-arn")),
        "operator_role": next(v for name, v in outputs.parameters.items() if name.endswith("/operator-role-arn")),
    }
    command = [sys.executable, "-m", module, "--data", str(data), "--cloud", json.dumps(facts), *arguments]
    root = Path(__file__).resolve().parent.parent
    # Ctrl-C is heard here alone; this process then ends that one.
    done = subprocess.run(command, cwd=root, env=environment, timeout=_TIMEOUT_S, check=False, start_new_session=True)
    if done.returncode:
        raise CannotStart(f"{what} failed with code {done.returncode} (see above)")
