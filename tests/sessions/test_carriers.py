"""Messages to phones: Twilio as its API is documented, SNS as it refuses."""

import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar
from urllib.parse import parse_qs

import pytest
from botocore.exceptions import ClientError

from cnc.cloud.connectors.twilio import Account, Twilio, account_of
from cnc.cloud.sms import SnsSms, StageSms
from cnc.services.sms import SmsRefused

SID, KEY, SECRET = f"AC{'0' * 32}", f"SK{'1' * 32}", "s3cr3t"
NUMBER = "+4915112345678"


@dataclass
class Carrier:
    """A strict stand-in: what Twilio's reference asks of `POST …/Messages.json`, and nothing else is taken."""

    port: int
    sent: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def judged(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if self.answers:
            return self.answers.pop()
        if headers.get("authorization", "")[:6] != "Basic " or b64decode(headers["authorization"][6:]) != (
            f"{KEY}:{SECRET}".encode()
        ):
            return 401, b'{"code": 20003, "message": "Authenticate", "status": 401}'
        if path != f"/2010-04-01/Accounts/{SID}/Messages.json":
            return 404, b'{"code": 20404}'
        if headers.get("content-type") != "application/x-www-form-urlencoded":
            return 415, b"{}"
        form = {name: values[0] for name, values in parse_qs(body.decode("ascii"), strict_parsing=True).items()}
        if form.keys() not in ({"To", "Body", "From"}, {"To", "Body", "MessagingServiceSid"}):
            return 400, b'{"code": 21602}'
        self.sent.append(form)
        return 201, json.dumps({"sid": "SM" + "2" * 32, "status": "queued"}).encode()


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = made.judged(self.path, headers, body)
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.send_header("location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    made = Carrier(server.server_port)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join(5)


def twilio(carrier: Carrier, *, sender: str = "+15005550006", secret: str = SECRET) -> Twilio:
    return Twilio(Account(SID, KEY, sender, secret), address=carrier.address)


def test_twilio_takes_a_message_from_a_number_and_from_a_service(carrier: Carrier) -> None:
    twilio(carrier).send(NUMBER, "123456 & ÄÖÜ is your code + more")
    twilio(carrier, sender=f"MG{'3' * 32}").send(NUMBER, "x")
    assert carrier.sent == [
        {"To": NUMBER, "Body": "123456 & ÄÖÜ is your code + more", "From": "+15005550006"},
        {"To": NUMBER, "Body": "x", "MessagingServiceSid": f"MG{'3' * 32}"},
    ]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((400, b'{"code": 21211, "message": "The To number +4915112345678 is not valid."}'), "400, code 21211"),
        ((429, b'{"code": 20429}'), "429, code 20429"),
        ((500, b"<html>"), "500, no code"),
        ((302, b""), "302, no code"),
        ((200, b"[]"), "200, no code"),
    ],
)
def test_a_refusal_is_told_by_its_code_and_without_the_number(
    carrier: Carrier, answer: tuple[int, bytes], told: str
) -> None:
    carrier.answers.append(answer)
    with pytest.raises(SmsRefused, match=told) as refused:
        twilio(carrier).send(NUMBER, "x")
    assert NUMBER not in str(refused.value)


def test_a_wrong_secret_and_a_carrier_that_is_away_are_refusals(carrier: Carrier) -> None:
    with pytest.raises(SmsRefused, match="401"):
        twilio(carrier, secret="wrong").send(NUMBER, "x")
    with pytest.raises(SmsRefused, match="not reached"):
        Twilio(Account(SID, KEY, "+15005550006", SECRET), address="http://127.0.0.1:1").send(NUMBER, "x")


def test_the_secret_of_an_account_is_read_once_and_never_shown() -> None:
    text = json.dumps({"account_sid": SID, "key": KEY, "secret": SECRET, "from": "+15005550006"})
    assert SECRET not in repr(account_of(text))
    for bad in ("", "[]", "{}", text.replace("AC0", "XX0")):
        with pytest.raises(ValueError, match=r"Twilio|account_sid") as refused:
            account_of(bad)
        assert SECRET not in str(refused.value)


def test_sns_is_asked_for_a_transactional_message_and_its_refusal_is_told() -> None:
    class Sns:
        asked: ClassVar[list[dict[str, object]]] = []

        def publish(self, **call: object) -> None:
            self.asked.append(call)
            if len(self.asked) > 1:
                raise ClientError({"Error": {"Code": "OptedOut", "Message": NUMBER}}, "Publish")

    sms = StageSms(through="sns", sns=Sns, secret=lambda: "")
    sms.send(NUMBER, "text")
    kind = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}
    assert Sns.asked == [{"PhoneNumber": NUMBER, "Message": "text", "MessageAttributes": kind}]
    with pytest.raises(SmsRefused, match="OptedOut") as refused:
        SnsSms(Sns()).send(NUMBER, "text")
    assert NUMBER not in str(refused.value)
