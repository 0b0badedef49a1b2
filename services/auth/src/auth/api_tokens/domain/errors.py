"""What is refused about API tokens, each with its own stable code."""

from common.errors import AppError, ErrorKind, register_translations


class TokenTooLong(AppError):
    """An API token of this tenant may not last so long."""

    kind, code = ErrorKind.UNPROCESSABLE, "auth.token_too_long"


class UnlimitedByOwner(AppError):
    """Only an owner may make or approve an API token without an end, and only where the tenant allows it."""

    kind, code = ErrorKind.FORBIDDEN, "auth.unlimited_by_owner"


class TokenEnded(AppError):
    """This API token has ended or was replaced already."""

    kind, code = ErrorKind.CONFLICT, "auth.token_ended"


class TooManyTokens(AppError):
    """You have as many API tokens as one person may have; revoke some first."""

    kind, code = ErrorKind.CONFLICT, "auth.too_many_tokens"


register_translations(
    {
        "auth.token_too_long": "API-токен этой организации не может действовать так долго.",
        "auth.unlimited_by_owner": "Бессрочный API-токен создаёт или одобряет только владелец, если это разрешено.",
        "auth.token_ended": "Этот API-токен больше не действует или уже заменён.",
        "auth.too_many_tokens": "У вас уже столько API-токенов, сколько разрешено; сначала отзовите часть.",
    }
)
