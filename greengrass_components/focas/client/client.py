"""FOCAS client: one session with one control, reading only.

Requests on the command connection are strictly one after the other, as real controls expect. The transfer connection
is opened when the first program is transferred and not before.
There is nothing here that starts, stops, resets, selects or writes to the ladder, on purpose.
"""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from greengrass_components.focas.client import never
from greengrass_components.focas.client.connection import Connection
from greengrass_components.focas.client.transfer import Transfer
from greengrass_components.focas.errors import MalformedFrame, MalformedReply, Refused
from greengrass_components.focas.protocol.blocks import Call, Reply, Request, decode_replies, encode_body, match
from greengrass_components.focas.protocol.frame import Direction, Frame, Type
from greengrass_components.focas.protocol.session import Dialect, Opening, Role

T = TypeVar("T")
PORT = 8193
MOST_BLOCKS = 10  # per PDU, what the vendor's library sends; ten axis arrays still fit the smallest reply limit


class FocasClient:
    """A session. Make it with `FocasClient.connect`; after any error but Refused make a new one."""

    def __init__(self, connection: Connection, opening: Opening, *, host: str, port: int, timeout_s: float) -> None:
        self.opening = opening
        self._connection = connection
        self._where = (host, port, timeout_s)
        self._transfer: Transfer | None = None
        self._one_at_a_time = asyncio.Lock()

    @classmethod
    async def connect(cls, host: str, port: int = PORT, *, timeout_s: float = 3.0) -> Self:
        """Open the command connection. Raises Unreachable, SessionRefused, NoAnswer, MalformedFrame."""
        connection, opening = await Connection.open(host, port, role=Role.COMMAND, timeout_s=timeout_s)
        return cls(connection, opening, host=host, port=port, timeout_s=timeout_s)

    @property
    def dialect(self) -> Dialect:
        """Codes and sizes of this control."""
        return self.opening.dialect

    @property
    def alive(self) -> bool:
        """False once the session is of no more use."""
        return self._connection.alive

    async def call(self, call: Call[T], *, path: int = 1) -> T:
        """One function. Raises Refused when the control says no, MalformedReply on a wrong shape."""
        return call.result(await self._exchange((call if path == 1 else call.on_path(path)).requests))

    async def ask(self, calls: Sequence[Call[Any]]) -> list[Any]:
        """Many functions in as few PDUs as possible.

        The answer has one entry per call: its value, or the Refused or MalformedReply it met. A control that
        refuses a whole PDU is asked again one call at a time.
        """
        results: list[Any] = []
        for group in _grouped(calls):
            results += await self._ask_group(group)
        return results

    async def _ask_group(self, group: list[Call[Any]]) -> list[Any]:
        requests = [request for call in group for request in call.requests]
        try:
            replies = await self._exchange(requests)
        except Refused as refusal:
            if len(group) == 1:
                return [refusal]
            return [result for call in group for result in await self._ask_group([call])]
        results, at = [], 0
        for call in group:
            results.append(_outcome(call, replies[at : at + len(call.requests)]))
            at += len(call.requests)
        return results

    @staticmethod
    def _check(requests: Sequence[Request]) -> None:
        never.check(requests)

    async def _exchange(self, requests: Sequence[Request]) -> list[Reply]:
        self._check(requests)
        frame = Frame(Type.COMMAND, Direction.REQUEST, encode_body(requests))
        async with self._one_at_a_time:
            reply = await self._connection.exchange(frame)
            try:
                replies = decode_replies(reply.body)
                match(requests, replies)
            except MalformedFrame:
                self._connection.abandon()
                raise
        return replies

    async def transfer(self) -> Transfer:
        """The transfer connection, opened on first use and again after it was lost."""
        if self._transfer is None or not self._transfer.alive:
            host, port, timeout_s = self._where
            connection, _ = await Connection.open(host, port, role=Role.TRANSFER, timeout_s=timeout_s)
            self._transfer = Transfer(connection)
        return self._transfer

    async def close(self) -> None:
        """Close both connections."""
        if self._transfer is not None:
            await self._transfer.close()
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _grouped(calls: Sequence[Call[Any]]) -> list[list[Call[Any]]]:
    groups: list[list[Call[Any]]] = []
    room = 0
    for call in calls:
        if not groups or len(call.requests) > room:
            groups.append([])
            room = MOST_BLOCKS
        groups[-1].append(call)
        room -= len(call.requests)
    return groups


def _outcome(call: Call[Any], replies: Sequence[Reply]) -> Any:
    try:
        return call.result(replies)
    except (Refused, MalformedReply) as problem:
        return problem
