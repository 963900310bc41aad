"""Accounts of people in the user pool, with the function's own role."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: What the pool knows of a person beside its own bookkeeping.
_SHOWN = ("email", "email_verified", "name", "given_name", "family_name", "phone_number", "locale", "zoneinfo", "sub")


@dataclass(frozen=True, slots=True)
class Accounts:
    """`pool` makes the client. People of another identity provider have no account here."""

    pool: Callable[[], Any]
    pool_id: str

    def of(self, *, email: str, subject: str) -> dict[str, str]:
        """Attributes of the account with this subject; empty when there is none."""
        found = self._find(email=email, subject=subject)
        return {} if found is None else {name: text for name, text in found[1].items() if name in _SHOWN}

    def remove(self, *, email: str, subject: str) -> bool:
        """Delete the account with this subject; whether there was one. Again is the same."""
        found = self._find(email=email, subject=subject)
        if found is None:
            return False
        self.pool().admin_delete_user(UserPoolId=self.pool_id, Username=found[0])
        return True

    def _find(self, *, email: str, subject: str) -> tuple[str, dict[str, str]] | None:
        """By either name; an account under this e-mail with another subject is somebody else's."""
        pool = self.pool()
        for name in filter(None, (subject, email)):
            try:
                answer = pool.admin_get_user(UserPoolId=self.pool_id, Username=name)
            except (pool.exceptions.UserNotFoundException, pool.exceptions.InvalidParameterException):
                continue
            attributes = {one["Name"]: one["Value"] for one in answer["UserAttributes"]}
            if attributes.get("sub") == subject:
                return answer["Username"], attributes
        return None
