"""Messages to phones: through SNS, or through another carrier where the stage says so."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.connectors.twilio import Twilio, account_of
from cnc.services.sms import Sms, SmsRefused

#: One GSM or UCS-2 message that no carrier cuts into more than a few.
MOST_CHARACTERS = 320


class SnsSms:
    """Transactional messages; the client signs with the function's own role."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, number: str, text: str, /) -> None:
        """Raises SmsRefused: a number SNS does not take, an opted-out one, the account's spending limit."""
        kind = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}
        try:
            self._client.publish(PhoneNumber=number, Message=text[:MOST_CHARACTERS], MessageAttributes=kind)
        except ClientError as error:
            raise SmsRefused(f"SNS said {error.response['Error']['Code']}") from error


class StageSms:
    """The carrier of this stage, made when the first message leaves: most processes send none."""

    def __init__(self, *, through: str, sns: Callable[[], Any], secret: Callable[[], str]) -> None:
        """`through` is `sns` or `twilio`, `secret` reads the account of the latter."""
        self._make: Callable[[], Sms] = lambda: Twilio(account_of(secret())) if through == "twilio" else SnsSms(sns())
        self._made: Sms | None = None

    def send(self, number: str, text: str, /) -> None:
        """Raises SmsRefused."""
        self._made = self._made or self._make()
        self._made.send(number, text)
