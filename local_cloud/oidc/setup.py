"""The OIDC front of this installation, made from the template and the data folder."""

import secrets
from pathlib import Path

from local_cloud.cloud import Cloud, write_private
from local_cloud.oidc import mailbox_page
from local_cloud.oidc.accounts import FORGOT, SIGN_UP, AccountPages
from local_cloud.oidc.codes import Codes
from local_cloud.oidc.federation.outgoing import Outgoing
from local_cloud.oidc.front import Front
from local_cloud.oidc.keys import open_key
from local_cloud.oidc.mailbox import Mailbox
from local_cloud.oidc.pool import Pool
from local_cloud.oidc.request import Client
from local_cloud.oidc.store import Store
from local_cloud.service_client import ServiceClient


def make(cloud: Cloud, *, caller: ServiceClient, origin: str) -> Front:
    """`caller` signs as the administrator of the account."""
    folder = Path(cloud.data_dir) / "oidc"
    key = open_key(folder / "key.pem")
    form_key = folder / "form.key"
    if not form_key.exists():
        write_private(form_key, secrets.token_bytes(32))
    clients = [Client.of(resource) for resource in cloud.of("AWS::Cognito::UserPoolClient")]
    pools = {pool.physical_id: Pool(pool.physical_id, caller) for pool in cloud.of("AWS::Cognito::UserPool")}
    mailbox = Mailbox(cloud.data)
    front = Front(
        origin=origin,
        clients={client.id: client for client in clients},
        pools=pools,
        key=key,
        store=Store(folder / "oidc.sqlite"),
        form_key=form_key.read_bytes(),
        outgoing=Outgoing(loopback=cloud.loopback_providers),
        assets=Path(cloud.repository_root) / "portal" / "dist" / "assets",
    )
    codes = Codes(front.store.db, front.form_key)
    front.add(mailbox_page.routes(mailbox))
    for way in (SIGN_UP, FORGOT):
        front.add(AccountPages(way, flow=front, codes=codes, mailbox=mailbox).routes())
    return front
