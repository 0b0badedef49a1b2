"""The metrics of export-worker; labels come from closed sets."""

from prometheus_client import Counter, Gauge, Histogram

#: Exports asked for, by kind (set, issue) and whether a finished or running one answered them.
EXPORTS_ASKED = Counter("exports_asked_total", "Exports asked for", ["kind", "answered_by"])
#: Exports that ended, by final status.
EXPORTS_ENDED = Counter("exports_ended_total", "Exports that ended", ["status"])
#: Steps worked on, by what became of them: done, waiting, lost, failed, returned.
STEPS = Counter("export_steps_total", "Steps by outcome", ["kind", "outcome"])
#: How long a step took, in seconds.
STEP_SECONDS = Histogram(
    "export_step_seconds", "Duration of steps", ["kind"], buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
)
#: Steps in hand in this node.
STEPS_IN_HAND = Gauge("export_steps_in_hand", "Steps that this node works on")
#: Issues rendered, by outcome: exported, placeholder, left_out.
ISSUES_RENDERED = Counter("export_issues_total", "Issues by outcome", ["outcome"])
#: Pages written into finished files.
PAGES = Counter("export_pages_total", "Pages of finished exports")
#: Images of issues, by whether they came.
IMAGES = Counter("export_images_total", "Images fetched from jira-sync", ["outcome"])
#: Files removed because their time was over.
FILES_PURGED = Counter("export_files_purged_total", "Objects removed from storage")
