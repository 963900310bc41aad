"""Decide whether a gateway may enrol or renew its certificate: the pre-provisioning hook of AWS IoT.

Thing, tenant and site come from our rows; what the device says beside its token counts for nothing.
"""

from typing import Any

from cnc.cloud.iot import ThingCertificates
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.settings import Process, load
from cnc.cloud.tenancy import Clients, Directory
from cnc.domain.base.clock import utc_now
from cnc.services.gateway_identity import Asked, may_enrol


class Settings(Process, DirectorySettings):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("gateway_provisioning")
clients = Clients(region=settings.aws_region, tenant_role_arn="")
directory = Directory(clients.own("dynamodb"), table=settings.directory_table)
certificates = ThingCertificates(clients.own("iot"))


@observer.observed
def lambda_handler(event: Any, _context: Any) -> dict[str, Any]:
    asked = Asked(
        present=event["claimCertificateId"],
        client=event["clientId"],
        certificate_pem=event["certificatePem"],
        token=event.get("parameters", {}).get("Token", ""),
    )
    allowed = may_enrol(asked, directory=directory, certificates=certificates, now=utc_now())
    if allowed is None:
        observer.log.warning("refused", extra={"client": asked.client[:128], "claim": asked.present})
        observer.count({"Refused": 1})
        return {"allowProvisioning": False}
    observer.log.info("allowed", extra={"thing": allowed.thing, "of_tenant": allowed.tenant})
    overrides = {"ThingName": allowed.thing, "Tenant": allowed.tenant, "Site": allowed.site}
    return {"allowProvisioning": True, "parameterOverrides": overrides}
