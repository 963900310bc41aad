"""The control's side of every function; importing the modules fills the table."""

from greengrass_components.focas.protocol.blocks import PMC, REPLY, Reply, Request
from greengrass_components.focas.protocol.frame import body_limit
from greengrass_components.focas.simulator.answers import (
    axes,
    clock,
    directory,
    files,
    macros,
    modal,
    offsets,
    operation,
    parameters,
    pmc,
    program,
    state,
)
from greengrass_components.focas.simulator.answers.registry import TABLE
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.refusal import BUSY, FUNCTION, LENGTH, NO_OPTION, PATH, Refusal

__all__ = [
    "TABLE", "answer", "axes", "clock", "directory", "files", "macros", "modal", "offsets", "operation",
    "parameters", "pmc", "program", "state",
]  # fmt: skip


def answer(cnc: Cnc, requests: list[Request]) -> list[Reply]:
    """One reply per request; what would not fit the frame any more is refused with 2."""
    replies, room = [], body_limit(cnc.persona.version) - 2
    for number, request in enumerate(requests):
        reply = _answer_one(cnc, request)
        reserved = REPLY.size * (len(requests) - number - 1)
        if REPLY.size + len(reply.payload) + reserved > room:
            reply = _refused(request, Refusal(LENGTH))
        room -= REPLY.size + len(reply.payload)
        replies.append(reply)
    return replies


def _answer_one(cnc: Cnc, request: Request) -> Reply:
    persona = cnc.persona
    try:
        if request.module != PMC and not 1 <= request.path <= persona.paths:
            raise Refusal(PATH)
        if request.function in persona.no_option:
            raise Refusal(NO_OPTION)
        if request.function in persona.busy:
            raise Refusal(BUSY)
        found = TABLE.get((request.module, request.function))
        if found is None or request.function in persona.refused:
            raise Refusal(FUNCTION)
        return Reply(request.function, found(cnc, request), module=request.module, path=request.path)
    except Refusal as refusal:
        return _refused(request, refusal)


def _refused(request: Request, why: Refusal) -> Reply:
    details = (why.code, why.detail1, why.detail2)
    return Reply(request.function, b"", *details, module=request.module, path=request.path)
