"""`python -m local_cloud --assembly cdk.out --data DIR --port N`."""

import argparse
import json
import sys
from pathlib import Path

from local_cloud.assembly import BadAssembly
from local_cloud.engines.dynamodb import NoEngine
from local_cloud.intrinsics import Unresolvable
from local_cloud.processes import StartFailed
from local_cloud.settings import PortTaken
from local_cloud.supervisor import LocalCloud
from local_cloud.support import Refused


def main() -> int:
    parser = argparse.ArgumentParser(prog="local_cloud", description="Runs a CDK assembly on this machine.")
    parser.add_argument("--assembly", type=Path, default=Path("cdk.out"))
    parser.add_argument("--data", type=Path, default=Path(".local/data"))
    parser.add_argument("--port", type=int, default=8480)
    parser.add_argument(
        "--root", type=Path, default=Path.cwd(), help="repository root that functions are imported from"
    )
    parser.add_argument("--without", action="append", default=[], help="a process not to start")
    options = parser.parse_args()
    try:
        cloud = LocalCloud(
            options.assembly, options.data, options.port, options.root, without=frozenset(options.without)
        )
        cloud.start()
    except (BadAssembly, NoEngine, PortTaken, Refused, StartFailed, Unresolvable) as error:
        print(error, file=sys.stderr)
        return 2
    outputs = cloud.outputs
    print(json.dumps({"origin": outputs.origin, "aws": outputs.aws_url, "mqtt_port": outputs.mqtt_port}), flush=True)
    cloud.run_until_signal()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
