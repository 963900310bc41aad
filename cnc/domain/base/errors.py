"""Errors a caller may meet, all below one class, all with a stable code.

CncError
├── BadId                 an id that does not have the form of ids
├── MalformedMessage      bytes from a gateway that are not a message of ours
│   └── MalformedChunk    bytes that are not a chunk of ours
└── BadValue              an argument outside what the domain can hold
"""

from typing import Final

#: code -> (HTTP status, sentence). A code is `<noun>.<reason>` and is never renamed.
CODES: Final[dict[str, tuple[int, str]]] = {
    "id.malformed": (400, "The id does not have the form of an id."),
    "message.malformed": (400, "The bytes are not a message this product can read."),
    "chunk.malformed": (400, "The bytes are not a telemetry chunk this product can read."),
    "value.out_of_range": (400, "A value lies outside what can be stored."),
    "schema.unknown": (404, "The chunk refers to a list of signals that is not known yet."),
    "machine.not_found": (404, "There is no such machine."),
    "site.not_found": (404, "There is no such site."),
    "gateway.not_found": (404, "There is no such gateway."),
    "source.not_found": (404, "There is no such source."),
    "user.not_found": (404, "There is no such user."),
    "tenant.not_found": (404, "There is no such tenant."),
    "auth.missing": (401, "The request carries no credential."),
    "auth.invalid": (401, "The credential is not valid."),
    "auth.expired": (401, "The credential has expired."),
    "auth.ended": (401, "The session has ended."),
    "auth.second_factor": (403, "This session has not shown its second factor."),
    "auth.step_up": (403, "This needs a second factor, or a sign-in, of the last minutes."),
    "auth.forbidden": (403, "The credential does not allow this."),
    "auth.no_membership": (403, "You belong to no company yet."),
    "membership.exists": (409, "This person belongs to a company already."),
    "invitation.not_found": (404, "There is no such invitation, or it is not open any more."),
    "invitation.other_person": (403, "The invitation is for another person."),
    "people.last_owner": (409, "Somebody has to stay owner and administrator."),
    "people.changed": (409, "Somebody else changed this meanwhile."),
    "tenant.exists": (409, "There is such a company already."),
    "tenant.suspended": (403, "The company's account is closed at the moment."),
    "tenant.mismatch": (403, "The request names another tenant than its credential."),
    "limit.rate": (429, "Too many requests in a short time."),
    "limit.size": (413, "The request is larger than what is accepted."),
    "limit.cost": (400, "The query asks for more than what is answered at once."),
    "range.invalid": (400, "The time range cannot be answered."),
    "cursor.invalid": (400, "The cursor was not given out for this list."),
    "signal.not_found": (404, "The machine has no such signal."),
    "request.malformed": (400, "The request could not be read."),
    "request.invalid": (422, "The request has fields that are missing, unknown or of another kind."),
    "request.key_reused": (422, "The idempotency key came with another request before."),
    "request.running": (409, "A request with this idempotency key is being carried out."),
    "request.unfinished": (409, "A request with this idempotency key was cut off; what it did is not known."),
    "query.invalid": (400, "The GraphQL document cannot be run."),
    "document.unknown": (400, "There is no persisted document with this id."),
    "program.not_found": (404, "There is no such program."),
    "change.not_found": (404, "There is no such change."),
    "change.state": (409, "The change is not at a step that allows this."),
    "change.same_person": (403, "This step needs another person."),
    "change.second_factor": (403, "This step needs a second factor that was shown just now."),
    "change.stale": (409, "The change was approved too long ago."),
    "parameter.denied": (403, "The parameter may not be written this way."),
    "writing.refused": (409, "The machine may not be written to now."),
    "session.not_found": (404, "There is no such session."),
    "pairing.not_found": (404, "No screen shows this code now."),
    "kiosk.not_found": (404, "There is no such screen."),
    "factor.state": (409, "The second factor is not at a step that allows this."),
    "sms.refused": (409, "The message could not be sent."),
    "key.not_found": (404, "There is no such API key."),
    "key.ended": (409, "The API key has ended."),
    "key.beyond": (403, "An API key may do no more than the person who makes it."),
    "key.too_many": (409, "There are as many API keys as the plan holds."),
    "probe.not_found": (404, "There is no such probe."),
    "export.not_found": (404, "There is no such export."),
    "export.not_ready": (409, "The archive is not made yet, or not kept any more."),
    "erasure.not_found": (404, "There is no such erasure."),
    "erasure.confirmation": (422, "What was typed does not confirm this erasure."),
    "erasure.last_owner": (409, "The last owner of a company cannot be erased without the company."),
    "share.not_found": (404, "There is no such share."),
    "consent.unknown": (404, "There is nothing of this kind to agree to."),
    "consent.version": (409, "The text has changed since it was shown."),
    "address.refused": (422, "This address may not be asked."),
    "address.unreachable": (422, "The address did not answer as it should."),
    "issuer.unreachable": (503, "The sign-in service does not answer; nothing was changed."),
    "sso.not_found": (404, "There is no such sign-in provider."),
    "sso.settings": (422, "The sign-in provider cannot be set up this way."),
    "sso.state": (409, "The sign-in provider is not at a step that allows this."),
    "sso.required": (403, "Your company signs in through its own provider."),
    "sso.foreign": (403, "This sign-in belongs to another company."),
    "sso.claims": (403, "The sign-in provider does not vouch for this person as your company asks for it."),
    "path.not_found": (404, "There is nothing at this address."),
    "method.not_allowed": (405, "The address does not answer this method."),
    "media.unsupported": (415, "The body is not of a media type that is read here."),
    "store.throttled": (503, "The store is busy; nothing was lost."),
    "internal.error": (500, "Something went wrong on our side."),
}


class CncError(Exception):
    """What happened, what was seen, what was expected and what to do about it.

    `seen` may hold a caller's value and is shortened to 120 characters; it never holds a credential.
    """

    def __init__(self, code: str, *, seen: object = "", expected: str = "", todo: str = "") -> None:
        self.code = code
        self.status, self.sentence = CODES[code]
        text = seen if isinstance(seen, str) else repr(seen)
        self.seen = text if len(text) <= 120 else text[:117] + "..."
        self.expected = expected
        self.todo = todo
        super().__init__(self._message())

    def _message(self) -> str:
        parts = [self.sentence]
        if self.seen:
            parts.append(f"Seen: {self.seen}.")
        if self.expected:
            parts.append(f"Expected: {self.expected}.")
        if self.todo:
            parts.append(self.todo)
        return " ".join(parts)


class BadId(CncError):
    """An id that does not have the form `<letter>_<16 of 0-9a-z>`, or is of another kind."""

    def __init__(self, *, seen: object, expected: str) -> None:
        super().__init__("id.malformed", seen=seen, expected=expected)


class BadValue(CncError):
    """An argument that cannot be stored: too large, of the wrong shape, not a number."""

    def __init__(self, *, seen: object, expected: str) -> None:
        super().__init__("value.out_of_range", seen=seen, expected=expected)


class MalformedMessage(CncError):
    """Bytes that are not a message of ours; the only error the unpacking functions raise."""

    def __init__(self, *, seen: object, expected: str, code: str = "message.malformed") -> None:
        super().__init__(code, seen=seen, expected=expected)


class MalformedChunk(MalformedMessage):
    """Bytes that are not a chunk of ours; the only error `peek` and `decode` raise."""

    def __init__(self, *, seen: object, expected: str) -> None:
        super().__init__(seen=seen, expected=expected, code="chunk.malformed")
