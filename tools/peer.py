"""Install the peers that benchmarks measure against, each into an environment of its own below `.cache`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = ROOT / ".tools" / "uv" / "bin" / "uv"
HOME = ROOT / ".cache" / "thingsboard-gateway"
#: The gateway installs these itself at its first start; here they are pinned and there before.
PACKAGES = ("thingsboard-gateway==3.8.5", "pymodbus==3.9.2", "pyserial==3.5", "pyserial-asyncio==0.6")
TIMEOUT_S = 600


def main() -> int:
    python = HOME / "bin" / "python"
    if not python.exists():
        make = [str(UV), "venv", "--quiet", "--python", str(ROOT / ".venv" / "bin" / "python"), str(HOME)]
        subprocess.run(make, check=True, timeout=TIMEOUT_S)
    install = [str(UV), "pip", "install", "--quiet", "--python", str(python), *PACKAGES]
    return subprocess.run(install, check=False, timeout=TIMEOUT_S).returncode


if __name__ == "__main__":
    sys.exit(main())
