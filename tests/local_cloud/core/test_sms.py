"""Messages to phones on this computer: they are in the mailbox, and a right to send them reaches no topic."""

from cnc.cloud.sms import SnsSms
from local_cloud.oidc.mailbox import Mailbox
from tests.local_cloud.core.running import Running, unique


def test_a_message_to_a_phone_is_in_the_mailbox(running: Running) -> None:
    text = unique("123456 is your code ")
    SnsSms(running.client("sns")).send("+4915112345678", text)
    newest = Mailbox(running.folder / "data").newest()[0]
    assert (newest.to, newest.subject, newest.text) == ("+4915112345678", "SMS", text)
