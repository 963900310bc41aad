"""SMS through Twilio's Programmable Messaging API (2010-04-01), over plain HTTPS.

`POST /2010-04-01/Accounts/<account>/Messages.json`, form fields `To`, `Body` and `From` or `MessagingServiceSid`, HTTP
basic authentication with an API key (or the account's token). 201 means queued.
"""

import json
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

import urllib3

from cnc.services.sms import SmsRefused

ADDRESS = "https://api.twilio.com"
CONNECT_S, READ_S = 2.0, 5.0
MOST_BYTES = 64 * 1024  # of an answer
_ACCOUNT = re.compile(r"AC[0-9a-f]{32}", re.ASCII)
_SERVICE = re.compile(r"MG[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Account:
    """`user` and `secret` are an API key (`SK…`) or account and token; `sender` a number or a messaging service."""

    sid: str
    user: str
    sender: str
    secret: str = field(repr=False)


def account_of(text: str) -> Account:
    """From the secret's JSON `{"account_sid","key","secret","from"}`. Raises ValueError, without the text."""
    try:
        found = json.loads(text)
        account = Account(found["account_sid"], found["key"], found["from"], found["secret"])
    except (ValueError, KeyError, TypeError):
        raise ValueError('the secret of Twilio is no {"account_sid","key","secret","from"}') from None
    if not _ACCOUNT.fullmatch(account.sid):
        raise ValueError("account_sid is no AC and 32 hex digits")
    return account


class Twilio:
    """One account. No retries: a code that comes twice is worse than one that is asked for again."""

    def __init__(self, account: Account, *, address: str = ADDRESS) -> None:
        self._account = account
        self._url = f"{address}/2010-04-01/Accounts/{account.sid}/Messages.json"
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S), retries=False)

    def send(self, number: str, text: str, /) -> None:
        """Raises SmsRefused with Twilio's own code, never with the number or the text."""
        sender = "MessagingServiceSid" if _SERVICE.fullmatch(self._account.sender) else "From"
        body = urlencode({"To": number, "Body": text, sender: self._account.sender})
        headers = urllib3.make_headers(basic_auth=f"{self._account.user}:{self._account.secret}")
        headers |= {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        try:
            answer = self._pool.request(
                "POST", self._url, body=body, headers=headers, redirect=False, preload_content=False
            )
            read = answer.read(MOST_BYTES)
            answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise SmsRefused(f"Twilio was not reached: {type(error).__name__}") from error
        if answer.status != 201:
            raise SmsRefused(f"Twilio said {answer.status}, {_code(read)}")


def _code(body: bytes) -> str:
    try:
        return f"code {int(json.loads(body)['code'])}"
    except (ValueError, KeyError, TypeError):
        return "no code"
