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
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if status == 410 or error.response["Error"]["Code"] in _GONE:
                return False
            raise
        return True
