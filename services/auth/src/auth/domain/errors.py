"""What auth refuses, each with its own stable code; none tells a stranger whether an account exists."""

from common.errors import AppError, ErrorKind, register_translations
from common.errors import SessionEnded as SessionEnded  # noqa: PLC0414 - as one of ours


class WrongCredentials(AppError):
    """E-mail or password is wrong."""

    kind, code = ErrorKind.UNAUTHENTICATED, "auth.wrong_credentials"


class TooManyTries(AppError):
    """Too many wrong tries; wait a little and try again."""

    kind, code = ErrorKind.TOO_MANY, "auth.too_many_tries"


class SignInBusy(AppError):
    """Too many people sign in at this moment; try again in a few seconds."""

    kind, code = ErrorKind.UNAVAILABLE, "auth.busy"


class NoMembership(AppError):
    """You are not a member of this tenant, or it does not exist."""

    kind, code = ErrorKind.FORBIDDEN, "auth.no_membership"


class FactorNeeded(AppError):
    """This tenant asks for one more proof before it lets you in."""

    kind, code = ErrorKind.FORBIDDEN, "auth.factor_needed"


class AccountDisabled(AppError):
    """This account is disabled; ask your operator."""

    kind, code = ErrorKind.FORBIDDEN, "auth.account_disabled"


class RefreshTokenInvalid(AppError):
    """This refresh token is unknown, used or has ended; sign in again."""

    kind, code = ErrorKind.UNAUTHENTICATED, "auth.refresh_token_invalid"


class SessionNeeded(AppError):
    """This is for a signed-in person; an API token may not do it."""

    kind, code = ErrorKind.FORBIDDEN, "auth.session_needed"


class WeakPassword(AppError):
    """This password cannot be used."""

    kind, code = ErrorKind.UNPROCESSABLE, "auth.weak_password"


class WrongCurrentPassword(AppError):
    """The current password is wrong."""

    kind, code = ErrorKind.UNPROCESSABLE, "auth.wrong_current_password"


class LastOwner(AppError):
    """A tenant needs an active owner: make somebody else owner first."""

    kind, code = ErrorKind.CONFLICT, "auth.last_owner"


class OwnerOnly(AppError):
    """Only an owner may make, change or remove an owner."""

    kind, code = ErrorKind.FORBIDDEN, "auth.owner_only"


class AlreadyMember(AppError):
    """This person is a member already."""

    kind, code = ErrorKind.CONFLICT, "auth.already_member"


class SlugTaken(AppError):
    """Another tenant has this slug."""

    kind, code = ErrorKind.CONFLICT, "auth.slug_taken"


class NoTenant(AppError):
    """This belongs to a tenant, and you are signed in as platform operator."""

    kind, code = ErrorKind.FORBIDDEN, "auth.no_tenant"


class InvalidCursor(AppError):
    """This cursor is not one of ours, is for another list, or is older than a day."""

    kind, code = ErrorKind.INVALID, "request.invalid_cursor"


register_translations(
    {
        "auth.wrong_credentials": "Неверная почта или пароль.",
        "auth.too_many_tries": "Слишком много неверных попыток; подождите немного.",
        "auth.busy": "Сейчас входит слишком много людей; повторите через несколько секунд.",
        "auth.no_membership": "Вы не состоите в этой организации, или её нет.",
        "auth.factor_needed": "Эта организация просит ещё одно подтверждение, прежде чем впустить вас.",
        "auth.account_disabled": "Учётная запись отключена; обратитесь к оператору.",
        "auth.refresh_token_invalid": "Refresh-токен неизвестен, использован или истёк; войдите снова.",
        "auth.session_needed": "Это может только вошедший человек, а не API-токен.",
        "auth.weak_password": "Такой пароль не подходит.",
        "auth.wrong_current_password": "Текущий пароль неверен.",
        "auth.last_owner": "Организации нужен действующий владелец: сначала назначьте другого.",
        "auth.owner_only": "Назначать, менять и удалять владельца может только владелец.",
        "auth.already_member": "Этот человек уже состоит в организации.",
        "auth.slug_taken": "Такой slug уже занят.",
        "auth.no_tenant": "Это относится к организации, а вы вошли как оператор платформы.",
        "request.invalid_cursor": "Этот курсор не наш, от другого списка или старше суток.",
    }
)
