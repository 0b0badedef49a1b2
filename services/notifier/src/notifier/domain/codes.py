"""The numbers of the protocol: why a command failed, why a subscription ended, why a socket was closed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """The error of one command; the connection goes on."""

    code: int
    message: str
    temporary: bool = False


@dataclass(frozen=True)
class Ending:
    """Why a subscription or a connection ended; 3000-3499 and 2500-2999 invite the client to come back."""

    code: int
    reason: str


INTERNAL = Failure(100, "internal server error", temporary=True)
UNAUTHORIZED = Failure(101, "unauthorized")
UNKNOWN_CHANNEL = Failure(102, "unknown channel")
PERMISSION_DENIED = Failure(103, "permission denied")
METHOD_NOT_FOUND = Failure(104, "method not found")
ALREADY_SUBSCRIBED = Failure(105, "already subscribed")
LIMIT_EXCEEDED = Failure(106, "limit exceeded")
BAD_REQUEST = Failure(107, "bad request")
NOT_AVAILABLE = Failure(108, "not available")
TOKEN_EXPIRED = Failure(109, "token expired")
TOO_MANY_REQUESTS = Failure(111, "too many requests", temporary=True)
UNRECOVERABLE_POSITION = Failure(112, "unrecoverable position")

UNSUBSCRIBED_BY_SERVER = Ending(2000, "server unsubscribe")
INSUFFICIENT_STATE_SUBSCRIPTION = Ending(2500, "insufficient state")

SHUTDOWN = Ending(3001, "shutdown")
SERVER_ERROR = Ending(3004, "internal server error")
EXPIRED = Ending(3005, "connection expired")
SLOW = Ending(3008, "slow")
NO_PONG = Ending(3012, "no pong")
STATE_INVALIDATED = Ending(3014, "state invalidated")
INVALID_TOKEN = Ending(3500, "invalid token")
MALFORMED = Ending(3501, "bad request")
STALE = Ending(3502, "stale")
CONNECTION_LIMIT = Ending(3504, "connection limit")
