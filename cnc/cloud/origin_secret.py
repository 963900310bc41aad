"""The secret between the front and the origins, in Secrets Manager."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cnc.domain.base.errors import CncError


class OriginSecret:
    """Its newest version and the one before, which holds until the front sends the new one."""

    def __init__(self, secrets_manager: Any, *, name: str) -> None:
        self._secrets_manager = secrets_manager
        self._name = name

    def values(self) -> tuple[str, ...]:
        """One value, or two after a rotation. Raises CncError(store.throttled) when none can be read."""
        try:
            return (self._version("AWSCURRENT"), *self._before())
        except (BotoCoreError, ClientError) as error:
            raise CncError("store.throttled", expected=f"to read the secret {self._name}") from error

    def _before(self) -> tuple[str, ...]:
        try:
            return (self._version("AWSPREVIOUS"),)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return ()  # it was never rotated, or the old version was withdrawn
            raise

    def _version(self, stage: str) -> str:
        text: str = self._secrets_manager.get_secret_value(SecretId=self._name, VersionStage=stage)["SecretString"]
        return text
