"""What can go wrong with a Jira, each with its own code; the docstring is what users read."""

from common.errors import AppError, ErrorKind, register_translations


class JiraError(AppError):
    """Jira could not be used."""

    kind, code = ErrorKind.UPSTREAM_BROKEN, "jira.error"


class WrongCredentials(JiraError):
    """Jira does not accept these credentials."""

    kind, code = ErrorKind.INVALID, "jira.wrong_credentials"


class CaptchaRequired(JiraError):
    """Jira asks for a CAPTCHA: sign in with a browser once, then try again."""

    kind, code = ErrorKind.INVALID, "jira.captcha"


class JiraUnreachable(JiraError):
    """Nobody answers at this address."""

    kind, code = ErrorKind.UPSTREAM_BROKEN, "jira.unreachable"


class BadCertificate(JiraError):
    """The certificate of this address cannot be trusted."""

    kind, code = ErrorKind.UPSTREAM_BROKEN, "jira.bad_certificate"


class NotAJira(JiraError):
    """Something answers at this address, but it is not a Jira."""

    kind, code = ErrorKind.INVALID, "jira.not_jira"


class JiraBusy(JiraError):
    """Jira asks us to slow down; try again later."""

    kind, code = ErrorKind.UPSTREAM_BUSY, "jira.busy"


class JiraBroken(JiraError):
    """Jira answered with an error of its own."""

    kind, code = ErrorKind.UPSTREAM_BROKEN, "jira.broken"


class BadAnswer(JiraError):
    """Jira's answer was cut off or is no JSON."""

    kind, code = ErrorKind.UPSTREAM_BROKEN, "jira.bad_answer"


class DoorMissing(JiraError):
    """Jira does not offer this, or not to this account."""

    kind, code = ErrorKind.NOT_FOUND, "jira.door_missing"


class JiraForbidden(JiraError):
    """Jira does not let this account do that."""

    kind, code = ErrorKind.FORBIDDEN, "jira.forbidden"


class JiraRejected(JiraError):
    """Jira found a request of ours wrong."""

    kind, code = ErrorKind.UPSTREAM_BROKEN, "jira.rejected"


register_translations(
    {
        "jira.error": "Не удалось обратиться к Jira.",
        "jira.wrong_credentials": "Jira не принимает эти учётные данные.",
        "jira.captcha": "Jira требует CAPTCHA: войдите один раз через браузер и повторите.",
        "jira.unreachable": "По этому адресу никто не отвечает.",
        "jira.bad_certificate": "Сертификату этого адреса нельзя доверять.",
        "jira.not_jira": "По этому адресу отвечает не Jira.",
        "jira.busy": "Jira просит подождать; повторите позже.",
        "jira.broken": "Jira ответила собственной ошибкой.",
        "jira.bad_answer": "Ответ Jira оборван или не является JSON.",
        "jira.door_missing": "Jira этого не предлагает, или не этой учётной записи.",
        "jira.forbidden": "Jira не разрешает это учётной записи.",
        "jira.rejected": "Jira сочла наш запрос неверным.",
    }
)
