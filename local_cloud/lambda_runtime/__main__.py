"""`python -m local_cloud.lambda_runtime --cloud FILE`: the warm parent of all Lambda workers."""

from local_cloud.lambda_runtime.zygote import main
from local_cloud.process import cloud_argument

if __name__ == "__main__":
    main(cloud_argument())
