"""What CloudFront adds on the way to an origin: the custom headers of the template, over what a client sent.

CloudFormation reads secrets when it deploys, and the deployment of this front is its first request: a new version of a
secret is shown after a restart of the `http` process, as it would be after a deployment.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Protocol

from local_cloud.service_client import Reply

_SECRET = re.compile(r"\{\{resolve:secretsmanager:([^:}]+):SecretString:([^:}]*):([^:}]*):([^:}]*)\}\}")


class Secrets(Protocol):
    """Secrets Manager behind the door."""

    async def call(self, service: str, method: str, path: str, *, body: bytes, headers: Mapping[str, str]) -> Reply: ...


class NoSecret(RuntimeError):
    """A header of the template names a secret that cannot be read; the text says which and why."""


class Front:
    """The headers that origins are shown; each text of the template is read once."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._values: dict[str, str] = {}
        self._reading = asyncio.Lock()

    async def shown(self, declared: Mapping[str, str]) -> dict[str, str]:
        """Header names in lower case and their values. Raises NoSecret."""
        async with self._reading:
            return {name.lower(): await self._value(text) for name, text in declared.items()}

    async def _value(self, text: str) -> str:
        if text not in self._values:
            found = _SECRET.fullmatch(text)
            self._values[text] = await self._secret(*found.groups()) if found else text
        return self._values[text]

    async def _secret(self, name: str, key: str, stage: str, version: str) -> str:
        asked = {"SecretId": name, "VersionStage": stage, "VersionId": version}
        reply = await self._secrets.call(
            "secretsmanager",
            "POST",
            "/",
            body=json.dumps({field: value for field, value in asked.items() if value}).encode(),
            headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.GetSecretValue"},
        )
        if reply.status != 200:
            raise NoSecret(f"secret {name}: {reply.status} {reply.body.decode(errors='replace')[:200]}")
        text: str = json.loads(reply.body)["SecretString"]
        return str(json.loads(text)[key]) if key else text
