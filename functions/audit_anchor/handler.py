"""Sign the head of every audit chain that grew and put it where nobody can change it."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.observability import Observer
from cnc.cloud.settings import AnchorKey, Anchors, Audit, Process, load
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.store.anchors import AnchorStore
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.tenancy import Clients, Directory, acting_for
from cnc.cloud.write_key import WriteKey
from cnc.domain.base.clock import utc_now
from cnc.services.anchoring import anchor_head


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Audit, DirectorySettings, Anchors, AnchorKey):
    """What this function reads from its environment."""


#: The run stops this long before its time is up; the next one comes in five minutes.
SPARE_MS = 15_000

settings = load(Settings)
observer = Observer("audit_anchor")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
directory = Directory(clients.own("dynamodb"), table=settings.directory_table)
chain = AuditStore(clients.tenant("dynamodb"), table=settings.audit_table)
anchors = AnchorStore(lambda: clients.tenant("s3"), bucket=settings.anchor_bucket)
key = WriteKey(clients.own("secretsmanager"), secret_id=settings.anchor_key_secret)
#: The hash that was anchored last, by tenant: a chain that did not grow costs one read.
known: dict[str, str] = {}


@observer.observed
def lambda_handler(_event: Any, context: Any) -> dict[str, int]:
    counts = dict.fromkeys(("ChainsAnchored", "ChainsBroken", "ChainsUnseen"), 0)
    for entry in directory.tenants():
        if context.get_remaining_time_in_millis() < SPARE_MS:
            counts["ChainsUnseen"] += 1
            continue
        tenant = entry.tenant
        with acting_for(tenant):
            done = anchor_head(
                tenant, chain=chain, anchors=anchors, key=key, now=utc_now(), known=known.get(tenant, "")
            )
        known[tenant] = done.hash
        if done.broken:
            observer.log.error("audit chain broken", extra={"of_tenant": tenant, "seq": done.seq})
        counts["ChainsAnchored"] += done.put
        counts["ChainsBroken"] += done.broken
    observer.count(counts)
    return counts
