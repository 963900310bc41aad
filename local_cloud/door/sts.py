"""STS: AssumeRole with session tags and trust policy, GetCallerIdentity."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from local_cloud.door import policy
from local_cloud.door.calls import Call
from local_cloud.door.errors import AwsError
from local_cloud.door.identities import Identities
from local_cloud.door.policy import Ask, Decision
from local_cloud.door.sessions import Principal, Session, Sessions
from local_cloud.service_client import Reply

# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and "Role chaining" in the IAM guide
MIN_DURATION_S, MAX_DURATION_S, CHAINED_MAX_S, DEFAULT_S = 900, 43_200, 3_600, 3_600
MAX_TAGS = 50
_NAME = re.compile(r"[\w+=,.@-]{2,64}")
_TAG_VALUE = re.compile(r"[\w .:/=+@-]{0,256}")


class Sts:
    def __init__(
        self, sessions: Sessions, identities: Identities, *, account: str, clock: Callable[[], datetime]
    ) -> None:
        self._sessions = sessions
        self._identities = identities
        self._account = account
        self._clock = clock

    def answer(self, call: Call, principal: Principal) -> Reply:
        """Raises AwsError."""
        match call.operation:
            case "AssumeRole":
                return _xml("AssumeRole", _session_xml(self.assume(call, principal)))
            case "GetCallerIdentity":
                fields = f"<Arn>{principal.arn}</Arn><UserId>local</UserId><Account>{self._account}</Account>"
                return _xml("GetCallerIdentity", fields)
            case other:
                raise AwsError(
                    400, "InvalidAction", f"{other!r} is not spoken here; AssumeRole and GetCallerIdentity are"
                )

    def assume(self, call: Call, principal: Principal) -> Session:
        """A session of the wanted role, if the trust policy and the caller's own policies allow it."""
        form = call.form
        role, name = form.get("RoleArn", ""), form.get("RoleSessionName", "")
        if not _NAME.fullmatch(name):
            raise AwsError(400, "ValidationError", f"RoleSessionName {name!r}: expected 2-64 of [\\w+=,.@-]")
        tags = _tags(form)
        duration_s = int(form.get("DurationSeconds", DEFAULT_S))
        longest_s = CHAINED_MAX_S if principal.role else MAX_DURATION_S
        if not MIN_DURATION_S <= duration_s <= longest_s:
            raise AwsError(
                400, "ValidationError", f"DurationSeconds {duration_s}: expected {MIN_DURATION_S}-{longest_s}"
            )
        self._check(call, principal, role, tags)
        kept = {key: value for key, value in principal.tags.items() if key in principal.transitive}
        return self._sessions.issue(
            role, name, now=self._clock(), duration=timedelta(seconds=duration_s), tags=tags | kept,
            transitive=(*principal.transitive, *_numbered(form, "TransitiveTagKeys.member.")),
        )  # fmt: skip

    def _check(self, call: Call, principal: Principal, role: str, tags: dict[str, str]) -> None:
        """Trust must allow; in one account a trust that names the caller's ARN is enough, as in AWS."""
        context = call.context | {f"aws:requesttag/{key.lower()}": value for key, value in tags.items()}
        if tags:
            context["aws:tagkeys"] = list(tags)
        actions = ["sts:AssumeRole"] + (["sts:TagSession"] if tags else [])
        names = [principal.arn, principal.role]
        if principal.service:
            names = [call.headers.get("x-local-source-principal", "")]
        elif not principal.role:
            names += [f"arn:aws:iam::{self._account}:root", self._account]
        for action in actions:
            ask = Ask(action, role, context)
            trusted = policy.decide(self._identities.trust.get(role, ()), ask, principals=[one for one in names if one])
            own = policy.decide(self._identities.allowed.get(principal.role, ()), ask)
            if trusted is not Decision.ALLOW or own is Decision.DENY:
                raise AwsError(
                    403, "AccessDenied",
                    f"User: {principal.arn} is not authorized to perform: {action} on resource: {role}",
                )  # fmt: skip


def _tags(form: dict[str, str]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for number in range(1, MAX_TAGS + 2):
        key = form.get(f"Tags.member.{number}.Key")
        if key is None:
            return tags
        value = form.get(f"Tags.member.{number}.Value", "")
        if not _TAG_VALUE.fullmatch(value):
            raise AwsError(400, "ValidationError", f"tag {key}: {value!r} has characters or a length AWS refuses")
        tags[key] = value
    raise AwsError(400, "PackedPolicyTooLarge", f"more than {MAX_TAGS} session tags")


def _numbered(form: dict[str, str], prefix: str) -> list[str]:
    return [value for key, value in form.items() if key.startswith(prefix)]


def _session_xml(session: Session) -> str:
    credentials = session.credentials
    return (
        f"<Credentials><AccessKeyId>{credentials.access_key_id}</AccessKeyId>"
        f"<SecretAccessKey>{escape(credentials.secret_access_key)}</SecretAccessKey>"
        f"<SessionToken>{escape(credentials.session_token)}</SessionToken>"
        f"<Expiration>{session.expires:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>"
        f"<AssumedRoleUser><Arn>{session.principal.arn}</Arn><AssumedRoleId>local</AssumedRoleId></AssumedRoleUser>"
    )


def _xml(action: str, inner: str) -> Reply:
    namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
    text = (
        f'<{action}Response xmlns="{namespace}"><{action}Result>{inner}</{action}Result>'
        f"<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></{action}Response>"
    )
    return Reply(200, {"Content-Type": "text/xml"}, text.encode())
