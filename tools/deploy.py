"""`make deploy STAGE=…`: packages, `cdk deploy` in order, then the portal's files. Needs a real account."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.fetch_uv import fetch_uv
from tools.stand_in import ROOT, cdk_cli, tool_environment

_PACKAGES = ROOT / ".cache" / "packages"
_TIMEOUT_S = 3600
_STACKS = ("CncData", "CncIdentity", "CncIngest", "CncApi", "CncPortal", "CncEdge", "CncMl", "CncOperations")


def main(arguments: list[str]) -> int:
    """Deploy one stage; exit code 2 and a sentence when something is missing beforehand."""
    stage = arguments[0]
    missing = _missing()
    if missing:
        print(f"deploy: {missing}", file=sys.stderr)
        return 2
    _build_portal()
    _package()
    _deploy(stage)
    _publish_portal(stage)
    return 0


def _missing() -> str:
    if not shutil.which("python3.13"):
        return "python3.13 was not found: packages are compiled for Lambda's Python"
    if not os.environ.get("PORTAL_ORIGIN", "").startswith("https://"):
        return "PORTAL_ORIGIN is not set: name the https origin people will open"
    return ""


def _build_portal() -> None:
    subprocess.run(["npm", "run", "build"], cwd=ROOT / "portal", env=tool_environment(), check=True, timeout=600)


def _package() -> None:
    from infra_cdk import manifests, packaging

    uv = str(fetch_uv(ROOT / ".tools"))
    for name, manifest in manifests.functions().items():
        print(f"packaging {name}", flush=True)
        requirements = _requirements(uv, manifest.packages)
        packaging.build(manifest.handler.rpartition(".")[0], _PACKAGES / name, uv=uv, requirements=requirements)
    packaging.copy_components(_PACKAGES / "components")
    page = _PACKAGES / "portal_page" / "functions" / "portal_page" / "index.html"
    shutil.copyfile(ROOT / "portal" / "dist" / "index.html", page)


def _requirements(uv: str, packages: tuple[str, ...]) -> list[str]:
    """`packages` with everything they need, at the versions of uv.lock; Lambda brings boto3 itself."""
    export = [uv, "export", "--frozen", "--no-default-groups", "--no-emit-project", "--no-hashes"]
    locked = subprocess.run(export, cwd=ROOT, check=True, timeout=120, stdout=subprocess.PIPE).stdout.decode()
    constraints = ROOT / ".cache" / "constraints.txt"
    constraints.write_text(locked)
    tree = [uv, "pip", "compile", "-", "--constraint", str(constraints), "--python-version", "3.13", "--no-header"]
    wanted = "\n".join(package for package in packages if package not in ("boto3", "botocore"))
    done = subprocess.run(tree, input=wanted.encode(), check=True, timeout=300, stdout=subprocess.PIPE)
    return [line for line in done.stdout.decode().splitlines() if line and not line.lstrip().startswith("#")]


def _deploy(stage: str) -> None:
    origin = f"CncIdentity:PortalOrigin={os.environ['PORTAL_ORIGIN']}"
    command = [str(cdk_cli()), "deploy", *_STACKS, "--app", f"{sys.executable} app.py", "--parameters", origin]
    if os.environ.get("SMS"):
        command += ["--context", f"cnc:sms={os.environ['SMS']}"]
    if os.environ.get("MAIL_SENDER"):
        command += ["--parameters", f"CncIdentity:MailSender={os.environ['MAIL_SENDER']}"]
    command += ["-c", f"stage={stage}", "-c", f"cnc:packages={_PACKAGES}", "-c", "aws:cdk:disable-asset-staging=false"]
    subprocess.run(command, cwd=ROOT, env=tool_environment(), check=True, timeout=_TIMEOUT_S)


def _publish_portal(stage: str) -> None:
    import boto3

    ssm: Any = boto3.client("ssm")
    bucket = ssm.get_parameter(Name=f"/cnc/{stage}/assets-bucket")["Parameter"]["Value"]
    s3: Any = boto3.client("s3")
    for path in sorted((ROOT / "portal" / "dist" / "assets").rglob("*")):
        if path.is_file():
            _upload(s3, bucket, path)


def _upload(s3: Any, bucket: str, path: Path) -> None:
    import mimetypes

    key = str(path.relative_to(ROOT / "portal" / "dist"))
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    s3.upload_file(
        str(path), bucket, key, ExtraArgs={"ContentType": kind, "CacheControl": "public, max-age=31536000, immutable"}
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
