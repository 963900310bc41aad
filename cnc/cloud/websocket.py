"""Messages to connections of the WebSocket API."""

from typing import Any

from botocore.exceptions import ClientError

_GONE = frozenset({"GoneException", "410"})


class ConnectionPost:
    """Posts with the function's own role: connection ids belong to no tenant's key."""

    def __init__(self, management: Any) -> None:
        self._management = management

    def __call__(self, connection: str, message: bytes, /) -> bool:
        """False when the client has left. Other errors pass through."""
        try:
            self._management.post_to_connection(ConnectionId=connection, Data=message)
        except ClientError as error:
            if _is_gone(error):
                return False
            raise
        return True

    def end(self, connection: str, /) -> None:
        """Close the connection; one that has left already is closed."""
        try:
            self._management.delete_connection(ConnectionId=connection)
        except ClientError as error:
            if not _is_gone(error):
                raise


def _is_gone(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status == 410 or error.response["Error"]["Code"] in _GONE
