"""Two tenants in one process never share a session, a key or a row."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cnc.cloud.tenancy import BadKeyPart, BadTenant, NoTenant, acting_for, current
from cnc.cloud.tenancy.sessions import TenantCredentials, TenantSessions
from tests.cloud.fixtures import Cloud

ONE, TWO = "t_1111111111111111", "t_2222222222222222"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class FakeSts:
    """Sessions whose keys tell the tenant; `gate` holds callers until it opens."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.ends_at = NOON + timedelta(hours=1)

    def assume_role(self, **call: Any) -> dict[str, Any]:
        self.asked.append(call)
        assert self.gate.wait(10)
        tenant = call["Tags"][0]["Value"]
        keys = {
            "AccessKeyId": f"key-{tenant}",
            "SecretAccessKey": f"secret-{tenant}",
            "SessionToken": f"token-{tenant}",
        }
        return {"Credentials": {**keys, "Expiration": self.ends_at}}


class Watch:
    now = NOON

    def __call__(self) -> datetime:
        return self.now


def sessions(sts: FakeSts, *, watch: Watch | None = None, kept: int = 1000) -> TenantSessions:
    return TenantSessions(sts=lambda: sts, role_arn="arn:role", now=watch or Watch(), kept=kept)


def test_without_a_tenant_nothing_can_be_signed() -> None:
    with pytest.raises(NoTenant):
        TenantCredentials(sessions(FakeSts())).get_frozen_credentials()


def test_the_session_is_tagged_with_the_tenant_and_nothing_else() -> None:
    sts = FakeSts()
    sessions(sts).credentials(ONE)
    assert sts.asked[0]["Tags"] == [{"Key": "tenant", "Value": ONE}]
    assert sts.asked[0]["RoleSessionName"] == f"cnc-{ONE}"


def test_each_tenant_signs_with_its_own_session_whatever_the_order() -> None:
    credentials = TenantCredentials(sessions(FakeSts()))
    seen = []
    for tenant in (ONE, TWO, ONE, TWO):
        with acting_for(tenant):
            seen.append(credentials.get_frozen_credentials().access_key)
    assert seen == [f"key-{ONE}", f"key-{TWO}", f"key-{ONE}", f"key-{TWO}"]


def test_threads_of_two_tenants_never_see_each_other() -> None:
    credentials = TenantCredentials(sessions(FakeSts()))

    def sign(tenant: str) -> set[str]:
        with acting_for(tenant):
            return {credentials.get_frozen_credentials().secret_key for _ in range(200)}

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(sign, [ONE, TWO] * 8)) == [{f"secret-{ONE}"}, {f"secret-{TWO}"}] * 8


def test_many_threads_that_miss_a_session_ask_once() -> None:
    sts = FakeSts()
    sts.gate.clear()
    held = sessions(sts)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(held.credentials, ONE) for _ in range(8)]
        sts.gate.set()
        assert {future.result(10).access_key for future in waiting} == {f"key-{ONE}"}
    assert len(sts.asked) == 1


def test_a_session_is_renewed_five_minutes_before_its_end() -> None:
    sts, watch = FakeSts(), Watch()
    held = sessions(sts, watch=watch)
    held.credentials(ONE)
    watch.now = NOON + timedelta(minutes=54, seconds=59)
    held.credentials(ONE)
    assert len(sts.asked) == 1
    watch.now = NOON + timedelta(minutes=55)
    held.credentials(ONE)
    assert len(sts.asked) == 2


def test_the_session_not_used_for_longest_is_dropped() -> None:
    sts = FakeSts()
    held = sessions(sts, kept=2)
    for tenant in (ONE, TWO, ONE, "t_3333333333333333", ONE, TWO):
        held.credentials(tenant)
    assert [call["Tags"][0]["Value"] for call in sts.asked] == [ONE, TWO, "t_3333333333333333", TWO]


def test_a_refused_session_is_asked_for_again() -> None:
    class Refusing(FakeSts):
        def assume_role(self, **call: Any) -> dict[str, Any]:
            if not self.asked:
                self.asked.append(call)
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")
            return super().assume_role(**call)

    held = sessions(Refusing())
    with pytest.raises(ClientError):
        held.credentials(ONE)
    assert held.credentials(ONE).access_key == f"key-{ONE}"


@pytest.mark.parametrize(
    "tenant", ["", "t_", "a", "T_1111111111111111", "t_111111111111111#", "t_11111111111111111", None, 5]
)
def test_what_is_no_tenant_id_is_refused(tenant: Any) -> None:
    with pytest.raises(BadTenant), acting_for(tenant):
        pass


def test_the_tenant_ends_with_its_block_even_after_an_error() -> None:
    def fail_within() -> None:
        with acting_for(ONE):
            with acting_for(TWO):
                assert current().tenant == TWO
            assert current().tenant == ONE
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_within()
    with pytest.raises(NoTenant):
        current()


@pytest.mark.parametrize("part", ["", "a#b", "a/b", "+", "*", "a?", "$aws", "a b", "a\x00", "ä", "x" * 129, None])
def test_a_key_part_that_could_be_two_is_refused(part: Any) -> None:
    with acting_for(ONE) as context:
        with pytest.raises(BadKeyPart):
            context.partition("M", part)
        with pytest.raises(BadKeyPart):
            context.topic(site="s_1", thing=part, channel="cmd")


def test_keys_prefixes_and_topics_start_with_the_tenant() -> None:
    with acting_for(ONE) as context:
        assert context.partition("M", "m_1") == f"T#{ONE}#M#m_1"
        assert context.object_key("quarantine", at=NOON, name="x") == (
            f"tenant={ONE}/kind=quarantine/date=2026-11-24/hour=12/x"
        )
        assert context.topic(site="s_1", thing="g_1", channel="receipt") == f"cnc/{ONE}/s_1/g_1/receipt"


def test_one_client_signs_real_requests_for_whoever_is_acted_for(cloud: Cloud) -> None:
    client = cloud.clients.tenant("dynamodb")
    signed: list[str] = []
    client.meta.events.register(
        "before-send", lambda request, **_: signed.append(request.headers["Authorization"].decode())
    )
    for tenant in (ONE, TWO):
        with acting_for(tenant):
            client.list_tables()
    keys = [text.split("Credential=")[1].split("/")[0] for text in signed]
    assert len(set(keys)) == 2
    assert cloud.clients.tenant("dynamodb") is client
    with pytest.raises(NoTenant):
        client.list_tables()
