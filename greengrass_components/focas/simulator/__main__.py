"""`python -m greengrass_components.focas.simulator --port 8193`: one standing control, until Ctrl-C."""

import argparse
import asyncio
import os
import signal
import sys

from greengrass_components.focas.simulator import PERSONAS, FocasSimulator, StandaloneControl


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m greengrass_components.focas.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=8193, help="TCP port, 0 for a free one (default %(default)s)")
    parser.add_argument("--persona", choices=sorted(PERSONAS), default="31i", help="model (default %(default)s)")
    parser.add_argument("--kind", choices=("mill", "lathe"), default="mill", help="machine (default %(default)s)")
    return parser.parse_args(words)


async def serve(options: argparse.Namespace) -> None:
    """Serve until the process is told to end."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    watch = asyncio.create_task(_end_with_parent(ended))
    control = StandaloneControl(kind=options.kind)
    async with FocasSimulator(control, options.host, options.port, persona=PERSONAS[options.persona]) as simulator:
        print(f"focas simulator ({options.persona}) on {simulator.host}:{simulator.port}", flush=True)
        await ended.wait()
    watch.cancel()


async def _end_with_parent(ended: asyncio.Event) -> None:
    """A simulator that nobody started any more has no reason to run."""
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(1.0)
    ended.set()


def main() -> int:
    """Exit code 2 when the port cannot be had."""
    options = arguments()
    try:
        asyncio.run(serve(options))
    except OSError as error:
        print(f"cannot listen on {options.host}:{options.port}: {error.strerror or error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
