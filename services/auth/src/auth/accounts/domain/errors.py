"""What invitations, resets and transfers are refused for; each wrong or expired thing has its own stable code."""

from common.errors import AppError, ErrorKind, register_translations


class InvitationInvalid(AppError):
    """This invitation is unknown, was used, or was taken back or replaced; ask for a new one."""

    kind, code = ErrorKind.NOT_FOUND, "auth.invitation_invalid"


class InvitationExpired(AppError):
    """This invitation has expired; ask for a new one."""

    kind, code = ErrorKind.GONE, "auth.invitation_expired"


class ProofNeeded(AppError):
    """You have an account already: sign in with it, or send its password, to accept."""

    kind, code = ErrorKind.FORBIDDEN, "auth.proof_needed"


class NewPasswordNeeded(AppError):
    """Choose a password to accept this invitation."""

    kind, code = ErrorKind.UNPROCESSABLE, "auth.new_password_needed"


class ResetInvalid(AppError):
    """This link to a new password is unknown or was used; ask for a new one."""

    kind, code = ErrorKind.NOT_FOUND, "auth.reset_invalid"


class ResetExpired(AppError):
    """This link to a new password has expired; ask for a new one."""

    kind, code = ErrorKind.GONE, "auth.reset_expired"


class MailOff(AppError):
    """This installation sends no mail, and this needs one."""

    kind, code = ErrorKind.UNPROCESSABLE, "auth.mail_off"


class TooManyMails(AppError):
    """So many mails to this address are enough for now; try again later."""

    kind, code = ErrorKind.TOO_MANY, "auth.too_many_mails"


class TooManyInvitations(AppError):
    """So many invitations of this tenant wait already; take some back first."""

    kind, code = ErrorKind.CONFLICT, "auth.too_many_invitations"


class NotYourself(AppError):
    """Choose another member: you are the owner already."""

    kind, code = ErrorKind.UNPROCESSABLE, "auth.owner_already"


register_translations(
    {
        "auth.invitation_invalid": "Приглашение неизвестно, использовано, отозвано или заменено; попросите новое.",
        "auth.invitation_expired": "Срок приглашения истёк; попросите новое.",
        "auth.proof_needed": "У вас уже есть учётная запись: войдите в неё или укажите её пароль, чтобы принять.",
        "auth.new_password_needed": "Придумайте пароль, чтобы принять приглашение.",
        "auth.reset_invalid": "Ссылка для нового пароля неизвестна или использована; запросите новую.",
        "auth.reset_expired": "Срок ссылки для нового пароля истёк; запросите новую.",
        "auth.mail_off": "Эта установка не отправляет писем, а без письма здесь не обойтись.",
        "auth.too_many_mails": "Писем на этот адрес пока достаточно; повторите позже.",
        "auth.too_many_invitations": "Слишком много приглашений ждут ответа; сначала отзовите часть.",
        "auth.owner_already": "Выберите другого участника: вы уже владелец.",
    }
)
