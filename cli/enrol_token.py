"""`cnc enrol-token`: expect a gateway, and write what its installer takes along.

    cnc enrol-token --local --tenant t_… --site s_… --name "Hall 2" --out claim
    cnc enrol-token --stage prod --tenant t_… --gateway g_… --out claim --ca AmazonRootCA1.pem

The folder holds a claim certificate, which may do nothing but enrol, and a token that works once, within 24 hours. On
the gateway: `python -m greengrass_components.edge_kit.enrol --claim claim --data DATA`.
"""

import argparse
import json
import secrets
from pathlib import Path
from typing import Any

from cli.place import Place, operator, place_of
from cli.refusal import CannotStart
from cnc.cloud.iot import GatewayChannel, ThingCertificates
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import BadTenant, Clients, Directory, acting_for
from cnc.cloud.write_key import WriteKey
from cnc.domain.base.clock import rfc3339, to_ms, utc_now
from cnc.domain.base.errors import CncError
from cnc.services import provisioning
from cnc.services.audit import Action, note
from cnc.services.provisioning import NewEnrolment
from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.edge_kit.identity.keys import new_key, signing_request


def enrol_token(options: argparse.Namespace) -> int:
    """Raises CannotStart."""
    if bool(options.gateway) == bool(options.site and options.name):
        raise CannotStart("say either --site and --name of a new gateway, or --gateway of one that exists")
    if options.out.exists():
        raise CannotStart(f"{options.out} exists; name a folder that does not, so that no claim is overwritten")
    place = place_of(options)
    ca = _ca(options, place)
    own = Clients(region=place.region, tenant_role_arn="")
    iot = own.own("iot")
    try:
        enrolment = _expect(options, place)
    except (CncError, BadTenant) as reason:
        raise CannotStart(str(reason)) from reason
    address = iot.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]
    key = WriteKey(own.own("secretsmanager"), secret_id=f"cnc-{place.stage}-write-key").public_hex()
    _write(options.out, enrolment, place=place, ca=ca, iot=iot, address=address, write_key=key)
    print(f"{options.out}: {enrolment.gateway.id} may enrol with it once, until {rfc3339(enrolment.ends_at)}")
    return 0


def _expect(options: argparse.Namespace, place: Place) -> NewEnrolment:
    clients = operator(place)
    shop = ShopStore(clients, table=f"cnc-{place.stage}-shop")
    directory = Directory(clients.own("dynamodb"), table=f"cnc-{place.stage}-directory")
    with acting_for(options.tenant):
        action = Action("operator", "gateway.expected", options.gateway or options.site, "done", to_ms(utc_now()))
        note(action, log=AuditStore(clients.tenant("dynamodb"), table=f"cnc-{place.stage}-audit"))
        if options.gateway:
            return provisioning.enrol_again(
                options.gateway,
                tenant=options.tenant,
                shop=shop,
                directory=directory,
                random=secrets.token_bytes,
                now=utc_now(),
            )
        return provisioning.create_enrolment(
            options.name,
            tenant=options.tenant,
            site=options.site,
            shop=shop,
            directory=directory,
            channel=GatewayChannel(clients.tenant("iot-data")),
            random=secrets.token_bytes,
            now=utc_now(),
        )


def _write(
    folder: Path, enrolment: NewEnrolment, *, place: Place, ca: Path, iot: Any, address: str, write_key: str
) -> None:
    host, _, port = address.partition(":")
    key = new_key()
    claim = ThingCertificates(iot).claim(signing_request(key), policy_name=f"cnc-{place.stage}-claim")
    said = {"endpoint": host, "ca": "ca.pem", "cert": "claim.pem", "key": "claim.key"}
    said |= {"template": f"cnc-{place.stage}-gateways", "token": enrolment.token, "write_key": write_key}
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in said.items())
    folder.mkdir(mode=0o700, parents=True)
    write_atomic(folder / "claim.key", key.encode())
    write_atomic(folder / "claim.pem", claim.pem.encode())
    write_atomic(folder / "ca.pem", ca.read_bytes())
    write_atomic(folder / "claim.toml", f"{text}port = {port or 8883}\n".encode())


def _ca(options: argparse.Namespace, place: Place) -> Path:
    ca: Path | None = place.ca or options.ca
    if ca is None or not ca.is_file():
        raise CannotStart("--ca: name the file of the authority of AWS IoT's servers (AmazonRootCA1.pem)")
    return ca
