"""What can be wrong with an export, with the sentences shown for it."""

from common.errors import AppError, ErrorKind, NotFound, register_translations


class ExportNotFound(NotFound):
    """There is no such export, or you may not see it."""

    code = "export.not_found"


class SourceNotSupported(AppError):
    """This way of choosing issues is not there yet: name them in source.issues."""

    kind, code = ErrorKind.UNPROCESSABLE, "export.source_not_supported"


class TemplateNotSupported(AppError):
    """Templates are not there yet: leave template out."""

    kind, code = ErrorKind.UNPROCESSABLE, "export.template_not_supported"


class ExportTooLarge(AppError):
    """The request selects more issues than one export may hold."""

    kind, code = ErrorKind.UNPROCESSABLE, "export.too_large"


class CannotCancel(AppError):
    """Only an export that has not ended can be cancelled."""

    kind, code = ErrorKind.CONFLICT, "export.cannot_cancel"


class CannotResume(AppError):
    """Only an export that failed or is paused can go on."""

    kind, code = ErrorKind.CONFLICT, "export.cannot_resume"


class NotReady(AppError):
    """The export has no file yet."""

    kind, code = ErrorKind.CONFLICT, "export.not_ready"


class NoFile(AppError):
    """The export ended without a file."""

    kind, code = ErrorKind.GONE, "export.no_file"


class RenderingFailed(AppError):
    """The document could not be made."""

    kind, code = ErrorKind.UPSTREAM_BROKEN, "export.rendering_failed"


#: Codes that stand in jobs and manifests, not in HTTP errors, with the sentence that goes with them.
REASONS = {
    "export.storage_away": "The object storage was away for too long.",
    "export.render_failed": "The issue could not be rendered.",
    "export.render_timeout": "The issue took too long to render.",
    "export.worker_died": "Rendering ended its worker again and again.",
    "export.nothing_exported": "Not one issue could be exported.",
    "export.bad_result": "The finished document could not be opened again.",
    "image.unavailable": "An image could not be fetched; a box with its name stands in its place.",
}

register_translations(
    {
        "export.not_found": "Такого экспорта нет, или он вам недоступен.",
        "export.source_not_supported": "Так выбирать задачи пока нельзя: перечислите их в source.issues.",
        "export.template_not_supported": "Шаблонов пока нет: не указывайте template.",
        "export.too_large": "Запрос выбирает больше задач, чем вмещает один экспорт.",
        "export.cannot_cancel": "Отменить можно только незавершённый экспорт.",
        "export.cannot_resume": "Продолжить можно только приостановленный или неудавшийся экспорт.",
        "export.not_ready": "У экспорта ещё нет файла.",
        "export.rendering_failed": "Документ не удалось создать.",
        "export.no_file": "Экспорт завершился без файла.",
        "export.content_gone": "Файла больше нет.",
        "export.storage_away": "Хранилище файлов сейчас недоступно.",
        "export.lease_lost": "Этим шагом теперь занят другой.",
    }
)
