"""A body that still arrives comes in, one that is there goes out: nobody holds a place while he sends slowly."""

from collections import deque

from starlette.types import Message, Receive

#: What lies above this streams on while the place is held; one that stalls there is cut off by the server.
_MOST = 1024 * 1024


async def received(receive: Receive) -> Receive:
    """Waits for the end of the body, for as much of it as is kept, or for the client to leave."""
    kept: deque[Message] = deque()
    size = 0
    while size <= _MOST:
        message = await receive()
        kept.append(message)
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            break

    async def replayed() -> Message:
        return kept.popleft() if kept else await receive()

    return replayed
