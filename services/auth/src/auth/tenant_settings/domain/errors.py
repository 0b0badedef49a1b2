"""What a change of settings is refused for, each with its own stable code."""

from common.errors import AppError, ErrorKind, register_translations


class InvalidSettings(AppError):
    """These settings cannot be used; see errors."""

    kind, code = ErrorKind.UNPROCESSABLE, "tenant.invalid_settings"


class SettingsChangedMeanwhile(AppError):
    """Somebody else changed the settings meanwhile: read them again."""

    kind, code = ErrorKind.CONFLICT, "tenant.changed_meanwhile"


class VersionNeeded(AppError):
    """Send If-Match with the version that you read, so that nobody's change is overwritten."""

    kind, code = ErrorKind.INVALID, "tenant.version_needed"


register_translations(
    {
        "tenant.invalid_settings": "Такие настройки применить нельзя; см. errors.",
        "tenant.changed_meanwhile": "Настройки тем временем изменил кто-то другой: прочитайте их снова.",
        "tenant.version_needed": "Пришлите If-Match с прочитанной версией, чтобы не затереть чужое изменение.",
    }
)
