"""What can go wrong while a document is rendered; the codes stand in jobs and manifests."""

from common.errors import AppError, ErrorKind


class RenderFailed(AppError):
    """The issue could not be rendered."""

    kind, code = ErrorKind.UNPROCESSABLE, "export.render_failed"


class RenderTimeout(AppError):
    """The issue took too long to render."""

    kind, code = ErrorKind.UNPROCESSABLE, "export.render_timeout"


class RenderCrashed(AppError):
    """Rendering ended its process, most likely for want of memory."""

    kind, code = ErrorKind.UNAVAILABLE, "export.worker_died"
