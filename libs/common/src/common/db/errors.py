"""Driver errors at the border: what means "the database is away", and the error shown for it."""

from datetime import timedelta

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from common.errors import AppError, ErrorKind, register_translations


class DatabaseUnavailable(AppError):
    """The database cannot be reached just now; try again in a moment."""

    kind, code = ErrorKind.UNAVAILABLE, "database.unavailable"


class DatabaseBusy(AppError):
    """The database took too long for this; try again, or ask for less."""

    kind, code = ErrorKind.UPSTREAM_BUSY, "database.busy"


register_translations(
    {
        "database.unavailable": "База данных сейчас недоступна; повторите чуть позже.",
        "database.busy": "База данных отвечала слишком долго; повторите или запросите меньше.",
    }
)

_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    # What asyncpg says of a connection whose end it has heard of and not yet seen.
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
_BUSY = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)


def translated(error: BaseException) -> AppError | None:
    """The error of ours for a driver error, or None when it is a bug and must surface."""
    if isinstance(error, DBAPIError):
        original = error.orig.__cause__ if error.orig is not None else None
        if error.connection_invalidated or isinstance(error, InterfaceError):
            return DatabaseUnavailable(retry_after=timedelta(seconds=2))
        if original is not None:
            return translated(original)
        return DatabaseUnavailable(retry_after=timedelta(seconds=2)) if isinstance(error, OperationalError) else None
    if isinstance(error, _BUSY):
        return DatabaseBusy(retry_after=timedelta(seconds=2))
    if isinstance(error, _AWAY):
        return DatabaseUnavailable(retry_after=timedelta(seconds=2))
    return None
