"""`python -m local_cloud.door --cloud FILE`: the process `aws`."""

from local_cloud.door.wiring import start
from local_cloud.process import run

if __name__ == "__main__":
    run(start)
