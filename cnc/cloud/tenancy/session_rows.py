"""Sessions in the directory.

`S#<sha256 of the token's family, or of a screen's secret>`: `tenant issuer subject kind device address` (S), `auth_ms
created_ms seen_ms factor_ms ended_ms` (N), `factor_tenant` (S), `factors` and `connections` (SS), `x` TTL for persons.
`Y#<issuer>#<subject>`: `factors` (SS), `not_before_ms` (N), and one attribute per session, named by its id:
`"<created ms> <auth ms> <0|1 ended>"`.
"""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.dynamo import condition_failed
from cnc.services.sessions import ABSOLUTE, PERSON, Session, SignIn, SignIns

_TEXTS = ("tenant", "issuer", "subject", "kind", "device", "address", "factor_tenant")
_NUMBERS = ("auth_ms", "created_ms", "seen_ms", "factor_ms", "ended_ms")
_SETS = ("factors", "connections")
_OWN = frozenset({"p", "v", "x", *_TEXTS, *_NUMBERS, *_SETS})
_ID_LENGTH = 64
#: A row stays a while after its end: an ended session is told from an unknown one.
_KEPT_S = 2 * int(ABSOLUTE.total_seconds())


class SessionTable:
    """Over one own-role DynamoDB client."""

    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, session: str, /) -> Session | None:
        return _session(session, self._item(f"S#{session}"))

    def add(self, session: Session, /) -> bool:
        names = {name: {"S": getattr(session, name)} for name in _TEXTS if getattr(session, name)}
        numbers = {name: {"N": str(getattr(session, name))} for name in _NUMBERS if getattr(session, name)}
        sets = {name: {"SS": sorted(getattr(session, name))} for name in _SETS if getattr(session, name)}
        facts = {name: {"S": text} for name, text in session.facts.items()}
        values = {**facts, **names, **numbers, **sets, "v": {"N": "1"}}
        if session.kind == PERSON:
            values["x"] = {"N": str(session.created_ms // 1000 + _KEPT_S)}
        terms = {f"#{n}": name for n, name in enumerate(values)}
        placed = {f":{n}": value for n, value in enumerate(values.values())}
        update = "SET " + ", ".join(f"#{n} = :{n}" for n in range(len(values)))
        return self._update(f"S#{session.id}", update, terms, placed, condition="attribute_not_exists(p)") is not None

    def seen(self, session: str, /, *, now_ms: int) -> None:
        self._change(session, "SET seen_ms = :n", {":n": _number(now_ms)})

    def end(self, session: str, /, *, now_ms: int) -> Session | None:
        """The first end counts."""
        return self._change(session, "SET ended_ms = if_not_exists(ended_ms, :n)", {":n": _number(now_ms)})

    def attach(self, session: str, connection: str, /) -> bool:
        """Remember an open connection, to be closed with the session; False when the session has ended."""
        living = "attribute_exists(p) AND attribute_not_exists(ended_ms)"
        values = {":c": {"SS": [connection]}}
        return self._update(f"S#{session}", "ADD connections :c", {}, values, condition=living) is not None

    def detach(self, session: str, connection: str, /) -> None:
        self._change(session, "DELETE connections :c", {":c": {"SS": [connection]}})

    def switch(self, session: str, tenant: str, /) -> None:
        """Make another tenant the active one; what was shown to the former one counts there only."""
        self._change(session, "SET tenant = :t", {":t": {"S": tenant}})

    def set_factor(self, session: str, /, *, tenant: str, now_ms: int) -> None:
        values = {":n": _number(now_ms), ":t": {"S": tenant}}
        self._change(session, "SET factor_ms = :n, factor_tenant = :t", values)

    def set_factors(self, session: str, /, *, tenant: str, has: bool) -> None:
        self._change(session, f"{_verb(has)} factors :t", {":t": {"SS": [tenant]}})

    def sign_ins(self, issuer: str, subject: str, /) -> SignIns:
        return _sign_ins(self._item(_person(issuer, subject)) or {})

    def enlist(self, session: Session, /, *, forget: frozenset[str]) -> SignIns:
        gone = sorted(forget - {session.id})
        names = {"#s": session.id} | {f"#g{n}": id_ for n, id_ in enumerate(gone)}
        remove = " REMOVE " + ", ".join(f"#g{n}" for n in range(len(gone))) if gone else ""
        text = f"{session.created_ms} {session.auth_ms} 0"
        place = _person(session.issuer, session.subject)
        return _sign_ins(self._update(place, f"SET #s = :s{remove}", names, {":s": {"S": text}}) or {})

    def mark_ended(self, session: Session, /) -> None:
        text = f"{session.created_ms} {session.auth_ms} 1"
        place = _person(session.issuer, session.subject)
        self._update(place, "SET #s = :s", {"#s": session.id}, {":s": {"S": text}})

    def end_before(self, issuer: str, subject: str, /, *, now_ms: int) -> SignIns:
        values = {":n": _number(now_ms)}
        return _sign_ins(self._update(_person(issuer, subject), "SET not_before_ms = :n", {}, values) or {})

    def set_has_factor(self, issuer: str, subject: str, /, *, tenant: str, has: bool) -> SignIns:
        values = {":t": {"SS": [tenant]}}
        return _sign_ins(self._update(_person(issuer, subject), f"{_verb(has)} factors :t", {}, values) or {})

    def _item(self, key: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._client.get_item(
            TableName=self._table, Key={"p": {"S": key}}, ConsistentRead=True
        ).get("Item")
        return found

    def _change(self, session: str, update: str, values: dict[str, Any]) -> Session | None:
        return _session(session, self._update(f"S#{session}", update, {}, values, condition="attribute_exists(p)"))

    def _update(
        self, key: str, update: str, names: dict[str, str], values: dict[str, Any], *, condition: str = ""
    ) -> dict[str, Any] | None:
        """The row after it, or None when the condition did not hold."""
        more: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        if condition:
            more["ConditionExpression"] = condition
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key={"p": {"S": key}},
                UpdateExpression=update,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
                **more,
            )
        except ClientError as error:
            if condition_failed(error):
                return None
            raise
        row: dict[str, Any] = answer["Attributes"]
        return row


def _person(issuer: str, subject: str) -> str:
    if not issuer or not subject or "#" in issuer or "#" in subject:
        raise ValueError(f"saw {issuer!r} and {subject!r}, expected an issuer and a subject without '#'")
    return f"Y#{issuer}#{subject}"


def _verb(has: bool) -> str:
    return "ADD" if has else "DELETE"


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}


def _session(id_: str, item: Mapping[str, Any] | None) -> Session | None:
    if item is None:
        return None
    texts = {name: item.get(name, {}).get("S", "") for name in _TEXTS}
    numbers = {name: int(item[name]["N"]) for name in _NUMBERS if name in item}
    sets = {name: frozenset(item[name]["SS"]) for name in _SETS if name in item}
    facts = {name: value["S"] for name, value in item.items() if name not in _OWN and "S" in value}
    return Session(id=id_, **{**texts, **numbers, **sets}, facts=facts)


def _sign_ins(item: Mapping[str, Any]) -> SignIns:
    entries = {name: value["S"].split(" ") for name, value in item.items() if len(name) == _ID_LENGTH}
    return SignIns(
        sessions={
            id_: SignIn(int(created), int(auth), ended == "1") for id_, (created, auth, ended) in entries.items()
        },
        factors=frozenset(item.get("factors", {}).get("SS", ())),
        not_before_ms=int(item.get("not_before_ms", {}).get("N", 0)),
    )
