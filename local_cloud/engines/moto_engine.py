"""moto behind the door, in process: one thread, so that state is consistent and what it makes up can be made again.

moto holds everything in memory. What must survive is kept by `local_cloud.persistence`: queues and objects as they
are, everything else as the calls that changed it, replayed with the same seeds.
"""

import asyncio
import io
import json
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from local_cloud.cloud import Cloud
from local_cloud.door.calls import Call
from local_cloud.door.errors import AwsError
from local_cloud.engines import moto_resources
from local_cloud.oidc.mailbox import Mailbox
from local_cloud.persistence.forget import forget_account
from local_cloud.persistence.journal import Entry, Journal
from local_cloud.persistence.objects import Objects
from local_cloud.persistence.queues import Queues
from local_cloud.service_client import Reply

Answer = TypeVar("Answer")
# What the product may use of moto; everything else is refused loudly (facts: CloudFormation and others answer wrongly).
SERVICES = {"kms", "s3", "sqs", "sns", "ssm", "secretsmanager", "events", "ses", "cognito-idp", "monitoring"}
_READS = ("Get", "List", "Describe", "BatchGet", "AdminGet", "AdminList")
# Delivered into queues, which are kept as they are; metrics and mail are not kept.
_NOT_JOURNALED = {"Publish", "PublishBatch", "PutEvents", "PutMetricData", "SendEmail"}
# moto answers these without doing them: any code confirms, any TOTP passes, a person may rewrite any attribute.
_PRETENDED = {
    "AssociateSoftwareToken", "ConfirmForgotPassword", "ConfirmSignUp", "SetUserMFAPreference", "SignUp",
    "UpdateUserAttributes", "VerifySoftwareToken", "VerifyUserAttribute",
}  # fmt: skip
_STATE_ONLY = {"kms", "s3", "sqs", "ses", "monitoring"}
LONG_POLL_STEP_S = 0.25


class MotoEngine:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="moto")
        folder = cloud.data / "aws"
        folder.mkdir(parents=True, exist_ok=True)
        self._journal = Journal(folder / "calls.jsonl")
        self._queues = Queues(folder / "queues")
        self._objects = Objects(folder / "objects")
        self._mailbox = Mailbox(cloud.data)
        self._application: Any = None

    async def start(self) -> None:
        """Load moto, make the resources of the template, bring back what was kept."""
        await self.run(self._start)

    async def call(self, call: Call) -> Reply:
        """moto's answer. Raises AwsError for a service that does not run here."""
        if call.service not in SERVICES:
            raise AwsError(501, "NotImplementedException", f"{call.service} does not run in the local cloud")
        if call.service == "cognito-idp" and call.operation in _PRETENDED:
            raise AwsError(501, "NotImplementedException", f"{call.operation} does not run in the local cloud")
        if call.service == "sqs" and call.operation == "ReceiveMessage":
            return await self._long_poll(call)
        return await self.run(lambda: self._handle(call))

    async def run(self, work: Callable[[], Answer]) -> Answer:
        """Do something on moto's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        self._thread.shutdown()

    def _start(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        self._application = DomainDispatcherApplication(create_backend_app)
        moto_resources.make(self._cloud, seed=self._seed)
        self._objects.restore()
        for entry in self._journal.read():
            self._seed(entry.seed)
            self._wsgi(entry.call)
        self._queues.restore()

    def _handle(self, call: Call) -> Reply:
        seed = secrets.randbits(63)
        self._seed(seed)
        gone = self._account(call) if call.operation == "AdminDeleteUser" else []
        reply = self._wsgi(call)
        if reply.status < 400 and gone:
            self._journal.forget("cognito-idp", gone)
            forget_account(self._cloud.data, gone)
        elif reply.status < 400:
            self._keep(call, seed, reply)
        return reply

    def _account(self, call: Call) -> list[str]:
        """All names of the account that is about to be deleted."""
        from moto.cognitoidp.models import cognitoidp_backends

        pool = cognitoidp_backends[self._cloud.account][self._cloud.region].user_pools.get(call.json["UserPoolId"])
        asked = str(call.json["Username"])
        for user in list(pool.users.values()) if pool else []:
            names = [
                user.id,
                user.username,
                *(one["Value"] for one in user.attributes if one["Name"] in ("email", "sub")),
            ]
            if asked in names:
                return [*names, asked]
        return []

    def _keep(self, call: Call, seed: int, reply: Reply) -> None:
        if call.service == "s3":
            self._objects.keep(call)
        elif call.service == "ses":
            self._deliver(call)
        elif call.service == "sns" and call.form.get("PhoneNumber"):
            self._mailbox.add(call.form["PhoneNumber"], "SMS", call.form.get("Message", ""))
        elif _changes(call, reply):
            self._journal.append(Entry(seed, call))
        if call.service in ("sqs", "sns", "events", "s3"):
            self._queues.keep()

    def _deliver(self, call: Call) -> None:
        """Put what SES took into the mailbox of this computer."""
        if call.path == "/v2/email/outbound-emails":
            simple = call.json["Content"].get("Simple", {})
            text = simple.get("Body", {}).get("Text", {}).get("Data", "")
            for to in call.json["Destination"]["ToAddresses"]:
                self._mailbox.add(to, simple.get("Subject", {}).get("Data", ""), text)

    async def _long_poll(self, call: Call) -> Reply:
        """A waiting receive must not hold moto's only thread, so it asks again and again."""
        body = dict(call.json)
        wait_s = float(body.pop("WaitTimeSeconds", 0))
        body["WaitTimeSeconds"] = 0
        short = Call(call.method, call.raw_target, call.headers, json.dumps(body).encode(), call.service)
        deadline = asyncio.get_running_loop().time() + wait_s
        while True:
            reply = await self.run(lambda: self._handle(short))
            if b'"Messages"' in reply.body or reply.status >= 400 or asyncio.get_running_loop().time() >= deadline:
                return reply
            await asyncio.sleep(LONG_POLL_STEP_S)

    def _seed(self, seed: int) -> None:
        from moto.moto_api._internal import mock_random

        mock_random.seed(seed)

    def _wsgi(self, call: Call) -> Reply:
        found: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc: object = None) -> None:
            found.append((status, headers))

        environ = self._environ(call)
        chunks: Iterable[bytes] = self._application.get_application(environ)(environ, start_response)
        body = b"".join(chunks)
        status, headers = found[-1]
        return Reply(int(status.split()[0]), dict(headers), body)

    def _environ(self, call: Call) -> dict[str, Any]:
        path, _, query = call.raw_target.partition("?")
        kept = "&".join(part for part in query.split("&") if part and not part.lower().startswith("x-amz-"))
        environ: dict[str, Any] = {
            "REQUEST_METHOD": call.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": kept,
            "RAW_URI": path + (f"?{kept}" if kept else ""),
            "REQUEST_URI": path + (f"?{kept}" if kept else ""),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self._cloud.ports.aws),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(call.body)),
            "CONTENT_TYPE": call.headers.get("content-type", ""),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(call.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in call.headers.items():
            if name not in ("content-length", "content-type", "authorization", "x-amz-security-token"):
                environ["HTTP_" + name.upper().replace("-", "_")] = value
        # moto routes by the scope of this header; the door has verified the real one.
        scope = f"20260101/{self._cloud.region}/{call.service}/aws4_request"
        environ["HTTP_AUTHORIZATION"] = f"AWS4-HMAC-SHA256 Credential=AKIADOOR/{scope}, SignedHeaders=host, Signature=0"
        environ["HTTP_HOST"] = f"127.0.0.1:{self._cloud.ports.aws}"
        return environ


def _changes(call: Call, reply: Reply) -> bool:
    """Whether the call changed something that only its replay brings back.

    A sign-in that ends in tokens does not: sessions are the OIDC front's. One that asks for a new password does.
    """
    if call.operation in ("InitiateAuth", "AdminInitiateAuth") and b'"ChallengeName"' not in reply.body:
        return False
    if call.service in _STATE_ONLY or call.operation in _NOT_JOURNALED:
        return False
    return not call.operation.startswith(_READS)
