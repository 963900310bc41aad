"""The head of a chain told elsewhere: signed, put once, and never for a chain that does not hold any more."""

from collections.abc import Iterator
from datetime import UTC, datetime

import botocore.session
import pytest

from cnc.cloud.ed25519 import fits
from cnc.cloud.store.anchors import AnchorStore
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.tenancy import acting_for
from cnc.domain.audit.anchor import Anchor, SignedAnchor, told_by
from cnc.domain.base.errors import BadValue
from cnc.services.anchoring import Anchored, anchor_head
from cnc.services.audit import note
from tests.audit.chains import ONE, TWO, action, chain
from tests.audit.locked import locked_bucket
from tests.audit.signing import Key
from tests.cloud.fixtures import ANCHOR_BUCKET as BUCKET
from tests.cloud.fixtures import REGION, Cloud

NOW = datetime(2026, 11, 25, 12, 3, tzinfo=UTC)


KEY = Key()


@pytest.fixture
def log(cloud: Cloud) -> Iterator[AuditStore]:
    with acting_for(ONE):
        yield AuditStore(cloud.clients.tenant("dynamodb"), table=cloud.tables["audit"])


@pytest.fixture
def anchors(cloud: Cloud) -> AnchorStore:
    locked_bucket()
    return AnchorStore(lambda: cloud.clients.tenant("s3"), bucket=BUCKET)


def anchored(log: AuditStore, anchors: AnchorStore, known: str = "") -> Anchored:
    return anchor_head(ONE, chain=log, anchors=anchors, key=KEY, now=NOW, known=known)


def test_the_head_of_a_chain_that_grew_is_signed_once(log: AuditStore, anchors: AnchorStore) -> None:
    assert not anchored(log, anchors).put
    first = note(action(1), log=log)
    assert anchored(log, anchors) == Anchored(1, first.hash, put=True)
    assert anchored(log, anchors) == Anchored(1, first.hash, put=False)
    for number in range(11):
        note(action(number), log=log)
    last = anchored(log, anchors)
    assert last.put
    assert [one.anchor.seq for one in anchors.all()] == [12, 1]
    told = told_by(anchors.all(), tenant=ONE, key=KEY.public_hex(), fits=fits)
    assert told.hashes == {1: first.hash, 12: last.hash}
    assert told.newest == Anchor(ONE, 12, last.hash, int(NOW.timestamp() * 1000))


def test_tenants_see_their_own_anchors_only(log: AuditStore, anchors: AnchorStore) -> None:
    note(action(1), log=log)
    anchored(log, anchors)
    with acting_for(TWO):
        assert anchors.newest() is None


@pytest.mark.parametrize("left", [0, 1])
def test_a_chain_that_was_cut_or_made_anew_is_told_and_never_signed(
    cloud: Cloud, log: AuditStore, anchors: AnchorStore, left: int
) -> None:
    for number in range(3):
        note(action(number), log=log)
    known = anchored(log, anchors).hash
    for seq in range(left + 1, 4):
        key = {"p": {"S": f"T#{ONE}#L"}, "s": {"S": f"{seq:012d}"}}
        cloud.raw.delete_item(TableName=cloud.tables["audit"], Key=key)
    assert anchored(log, anchors, known) == Anchored(3, "", put=False, broken=True)
    for number in range(7, 12):
        note(action(number), log=log)
    assert anchored(log, anchors, known).broken
    assert [one.anchor.seq for one in anchors.all()] == [3]


def test_what_is_put_on_top_of_an_anchor_or_hides_it_changes_nothing(
    cloud: Cloud, log: AuditStore, anchors: AnchorStore
) -> None:
    """Somebody with all rights on the bucket but those that compliance mode takes from everybody."""
    note(action(1), log=log)
    anchored(log, anchors)
    good = anchors.newest()
    assert good is not None
    assert not anchors.put(KEY.anchor(1, "f" * 64))
    s3 = botocore.session.get_session().create_client("s3", region_name=REGION)
    name = s3.list_objects_v2(Bucket=BUCKET)["Contents"][0]["Key"]
    s3.put_object(Bucket=BUCKET, Key=name, Body=KEY.anchor(1, "f" * 64).pack(), ChecksumAlgorithm="SHA256")
    assert list(anchors.all()) == [good]
    s3.delete_object(Bucket=BUCKET, Key=name)
    assert list(anchors.all()) == [good]
    oldest = [one for one in s3.list_object_versions(Bucket=BUCKET)["Versions"] if not one["IsLatest"]]
    for version in oldest:
        with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
            s3.delete_object(Bucket=BUCKET, Key=name, VersionId=version["VersionId"])


def test_anchors_of_another_key_another_tenant_or_with_other_words_are_bad() -> None:
    entries, other = chain(4), Key("two")
    good = KEY.anchor(2, entries[1].hash)
    changed = SignedAnchor(Anchor(ONE, 3, "0" * 64, 1), good.key, good.signature)
    borrowed = SignedAnchor(Anchor(ONE, 4, entries[3].hash, 1), KEY.public_hex(), "zz")
    anchors = [good, changed, borrowed, other.anchor(3, entries[2].hash), KEY.anchor(1, entries[0].hash, tenant=TWO)]
    told = told_by(anchors, tenant=ONE, key=KEY.public_hex(), fits=fits)
    assert told.hashes == {2: entries[1].hash}
    assert sorted(told.bad) == [1, 3, 3, 4]


def test_two_anchors_of_one_place_that_differ_are_told() -> None:
    told = told_by([KEY.anchor(1, "a" * 64), KEY.anchor(1, "b" * 64)], tenant=ONE, key=KEY.public_hex(), fits=fits)
    assert told.bad == (1,)


def test_an_anchor_survives_its_line_and_anything_else_is_refused() -> None:
    signed = KEY.anchor(7, "a" * 64)
    assert SignedAnchor.unpack(signed.pack()) == signed
    for line in (b"", b"5", b"{}", b'{"anchor":5}', b"\xff", b'{"anchor":{"tenant":1},"key":1}'):
        with pytest.raises(BadValue):
            SignedAnchor.unpack(line)
