"""The shop floor as processes: one simulator per machine, and the components of each gateway."""

import os
import sys
from pathlib import Path

from cli import demo
from local_cloud.processes import ProcessSpec

_ROOT = Path(__file__).resolve().parent.parent


def processes(data: Path) -> list[ProcessSpec]:
    """Simulators first, so that a gateway finds its machines at the first try."""
    held = demo.load(data)
    simulators = [
        _python(f"sim:{machine['id']}", "cli.simulate", "--spec", machine["spec"], port=machine["serve"][0]["port"])
        for machine in held.machines
    ]
    components = [
        _python(
            f"edge:{gateway['thing']}:{component}",
            f"greengrass_components.{component}",
            "--bootstrap",
            str(Path(gateway["folder"]) / "bootstrap.toml"),
        )
        for gateway in held.gateways
        for component in gateway["components"]
    ]
    return [*simulators, *components]


def _python(name: str, module: str, *arguments: str, port: int | None = None) -> ProcessSpec:
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_ROOT)}
    argv = [sys.executable, "-m", module, *arguments]
    return ProcessSpec(name=name, argv=argv, port=port, env=environment, cwd=str(_ROOT))
