"""Mail as product code sends it: who may, from which address, and where it can be read on this computer."""

import stat

import pytest
from botocore.exceptions import ClientError

from cnc.cloud.mail import Mail
from cnc.domain.base.errors import BadValue
from local_cloud.oidc.mailbox import Mailbox
from tests.local_cloud.core.running import Running, unique
from tests.local_cloud.core.sample import TENANT

SENDER = "shop@sample.localhost"


def test_a_message_is_in_the_mailbox_of_this_computer(running: Running) -> None:
    subject = unique("Invitation ")
    Mail(running.client("sesv2"), sender=SENDER).send("anna@example.com", subject, "Grüße\nhttp://localhost/x?a=1&b=2")
    newest = Mailbox(running.folder / "data").newest()[0]
    assert (newest.to, newest.subject) == ("anna@example.com", subject)
    assert newest.text == "Grüße\nhttp://localhost/x?a=1&b=2"
    assert stat.S_IMODE((running.folder / "data" / "mailbox.jsonl").stat().st_mode) == 0o600


def test_a_role_sends_from_its_own_address_only(running: Running) -> None:
    client = running.client("sesv2", running.tenant(TENANT))
    Mail(client, sender=SENDER).send("anna@example.com", "Yours", "text")
    with pytest.raises(ClientError, match="AccessDenied"):
        Mail(client, sender="other@sample.localhost").send("anna@example.com", "Not yours", "text")


def test_an_address_that_nobody_confirmed_sends_nothing(running: Running) -> None:
    with pytest.raises(ClientError, match="not verified"):
        Mail(running.client("sesv2"), sender="stranger@sample.localhost").send("anna@example.com", "Hello", "text")


@pytest.mark.parametrize(
    ("to", "subject", "text"),
    [
        ("anna", "s", "t"),
        ("anna@example.com, eve@example.com", "s", "t"),
        ("Anna <anna@example.com>", "s", "t"),
        ("anna@example.com\r\nBcc: eve@example.com", "s", "t"),
        ("anna@example.com", "s\r\nBcc: eve@example.com", "t"),
        ("anna@example.com", "", "t"),
        ("anna@example.com", "s", ""),
        ("anna@example.com", "s", "t" * 20_001),
    ],
)
def test_what_could_become_another_message_is_refused(to: str, subject: str, text: str) -> None:
    with pytest.raises(BadValue):
        Mail(None, sender=SENDER).send(to, subject, text)
