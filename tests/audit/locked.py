"""A bucket as the template declares it for anchors."""

import botocore.session

from tests.cloud.fixtures import ANCHOR_BUCKET, REGION


def locked_bucket() -> None:
    """Make it in the moto of the test."""
    s3 = botocore.session.get_session().create_client("s3", region_name=REGION)
    where = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=ANCHOR_BUCKET, CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(
        Bucket=ANCHOR_BUCKET,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}},
        },
    )
