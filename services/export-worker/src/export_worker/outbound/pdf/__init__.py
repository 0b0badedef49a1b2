"""Issues as printed pages: the one place that knows WeasyPrint, templates and fonts.

The service uses `RenderPool`; importing `renderer` itself loads WeasyPrint and is left to the render process.
"""

from export_worker.outbound.pdf.pool import RenderLimits, RenderPool
from export_worker.outbound.pdf.render_errors import RenderCrashed, RenderFailed, RenderTimeout
from export_worker.outbound.pdf.render_job import RenderJob

__all__ = ["RenderCrashed", "RenderFailed", "RenderJob", "RenderLimits", "RenderPool", "RenderTimeout"]
