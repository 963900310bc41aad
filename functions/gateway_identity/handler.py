"""End the certificates that a gateway has replaced: it speaks with the new one, as AWS IoT itself says."""

from typing import Any

from cnc.cloud.envelope import opened
from cnc.cloud.iot import ThingCertificates
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Process, load
from cnc.cloud.tenancy import Clients
from cnc.domain.base.clock import utc_now
from cnc.services.gateway_identity import settle

settings = load(Process)
observer = Observer("gateway_identity")
certificates = ThingCertificates(Clients(region=settings.aws_region, tenant_role_arn="").own("iot"))


@observer.observed
def lambda_handler(event: Any, _context: Any) -> dict[str, int]:
    thing = opened(event).origin.thing
    # What was published without a certificate, as by a person with credentials, speaks for none.
    settled = settle(thing, certificate=event.get("certificate", ""), certificates=certificates, now=utc_now())
    if settled.retired:
        observer.log.info("retired", extra={"thing": thing, "certificates": settled.retired})
    if settled.ending:
        observer.log.warning("certificate ends within 30 days", extra={"thing": thing})
    counts = {"CertificatesRetired": len(settled.retired), "CertificatesEnding": int(settled.ending)}
    observer.count(counts)
    return counts
