"""One error tree without HTTP in it: the class docstring is the message, `code` is part of the API."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar


class ErrorKind(StrEnum):
    """What an error means to whoever has to react to it; the doors map it to a status or a verdict."""

    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    INVALID = "invalid"
    UNPROCESSABLE = "unprocessable"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    GONE = "gone"
    UPSTREAM_BUSY = "upstream_busy"
    UPSTREAM_BROKEN = "upstream_broken"
    UNAVAILABLE = "unavailable"


class AppError(Exception):
    """Something went wrong."""

    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    code: ClassVar[str] = "error"

    def __init__(
        self,
        *,
        detail: str | None = None,
        extra: Mapping[str, Any] | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        self.detail = detail
        self.extra = dict(extra or {})
        self.retry_after = retry_after
        super().__init__(detail or self.title())

    @classmethod
    def title(cls) -> str:
        """The sentence shown for this class of error."""
        return (cls.__doc__ or AppError.__doc__ or "").strip().splitlines()[0]


class NotFound(AppError):
    """There is no such thing, or you may not see it."""

    kind, code = ErrorKind.NOT_FOUND, "request.not_found"


class InvalidRequest(AppError):
    """The request cannot be used as it is."""

    kind, code = ErrorKind.INVALID, "request.invalid"


class IdempotencyConflict(AppError):
    """This Idempotency-Key was used before with another request."""

    kind, code = ErrorKind.CONFLICT, "request.idempotency_conflict"


class Unauthenticated(AppError):
    """Sign in first: the access token is missing, wrong or has ended."""

    kind, code = ErrorKind.UNAUTHENTICATED, "access.token_invalid"


class TokenExpired(Unauthenticated):
    """This access token has ended; refresh it or sign in again."""

    code = "auth.token_expired"


class TokenOutdated(Unauthenticated):
    """What you may do has changed since this token was made; refresh it."""

    code = "auth.token_outdated"


class TokenRevoked(Unauthenticated):
    """This API token was revoked."""

    code = "auth.token_revoked"


class SessionEnded(Unauthenticated):
    """This session has ended; sign in again."""

    code = "auth.session_ended"


class CsrfRefused(AppError):
    """A request by cookie that changes something needs the X-CSRF-Token of its session."""

    kind, code = ErrorKind.FORBIDDEN, "auth.csrf"


class KeysUnavailable(AppError):
    """Access tokens cannot be checked just now; try again in a moment."""

    kind, code = ErrorKind.UNAVAILABLE, "auth.unavailable"


class ScopeMissing(AppError):
    """Your token lacks the scope that this needs."""

    kind, code = ErrorKind.FORBIDDEN, "access.scope_missing"


class Unavailable(AppError):
    """A part that this needs is away; try again in a moment."""

    kind, code = ErrorKind.UNAVAILABLE, "service.unavailable"


#: Russian sentences by code; services add theirs with `register_translations`.
_RUSSIAN: dict[str, str] = {
    "error": "Что-то пошло не так.",
    "request.not_found": "Такого объекта нет, или он вам недоступен.",
    "request.invalid": "Запрос нельзя выполнить в таком виде.",
    "request.invalid_id": "Это не идентификатор нужного вида.",
    "request.idempotency_conflict": "Этот Idempotency-Key уже использован с другим запросом.",
    "request.validation": "В запросе есть ошибки; см. errors.",
    "request.malformed_json": "Тело запроса не является правильным JSON.",
    "request.too_large": "Тело запроса слишком велико.",
    "request.method_not_allowed": "Этот метод здесь не поддерживается.",
    "request.unsupported_media_type": "Ожидается application/json.",
    "access.token_invalid": "Сначала войдите: токен отсутствует, неверен или истёк.",
    "auth.token_expired": "Срок этого токена истёк; обновите его или войдите снова.",
    "auth.token_outdated": "Ваши права изменились после выпуска токена; обновите его.",
    "auth.token_revoked": "Этот API-токен отозван.",
    "auth.session_ended": "Сессия завершена; войдите снова.",
    "auth.csrf": "Запросу с cookie, который что-то меняет, нужен X-CSRF-Token его сессии.",
    "auth.unavailable": "Служба входа сейчас недоступна; повторите чуть позже.",
    "access.scope_missing": "Вашему токену не хватает нужного права.",
    "service.unavailable": "Нужная часть системы недоступна; повторите чуть позже.",
    "server.error": "Внутренняя ошибка; сообщите request_id оператору.",
}


def register_translations(sentences: Mapping[str, str]) -> None:
    """Adds Russian sentences for error codes; the second registration of a code must say the same."""
    for code, sentence in sentences.items():
        if _RUSSIAN.setdefault(code, sentence) != sentence:
            raise ValueError(f"two Russian sentences for {code}")


def sentence_for(code: str, title: str, language: str) -> str:
    """The message of a code in a language (`en`, `ru`); English where there is no translation."""
    return _RUSSIAN.get(code, title) if language == "ru" else title
