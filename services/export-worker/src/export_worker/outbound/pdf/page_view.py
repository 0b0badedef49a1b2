"""One issue of the domain comes in, the plain values that the template prints go out (markup already rendered)."""

from typing import Any

from markupsafe import Markup

from common.markup import Document, Resolver, render_html
from export_worker.domain.issue_document import IssueDocument, PrintedStatus, RenderOptions
from export_worker.outbound.pdf.labels import Labels
from export_worker.outbound.pdf.pictures import Pictures

_CATEGORIES = frozenset({"todo", "in_progress", "done"})
_COLUMN, _CHIP_FRAME = 75, 4
View = dict[str, Any]


class PageView:
    """Shapes one issue; the pictures its texts show are collected on the way."""

    def __init__(self, issue: IssueDocument, pictures: Pictures, options: RenderOptions) -> None:
        self.issue, self.options = issue, options
        self.labels = Labels.of(options.language, options.timezone)
        self.words = self.labels.words
        self.resolver = Resolver(
            image=pictures.address,
            mention=options.names.people.get,
            issue=self._browse,
            day=self.labels.day,
        )

    def shape(self) -> View:
        issue, options = self.issue, self.options
        return {
            "key": issue.key,
            "url": issue.url,
            "summary": issue.summary,
            "project": issue.project,
            "type": issue.type,
            "parent": issue.parent,
            "status": self._status(issue.status),
            "security": issue.security_level,
            "bookmark": f"{issue.key} {issue.summary}".strip(),
            "running": f"{issue.key} · {issue.summary}",
            "brand": options.brand.name,
            "origin": self._origin(),
            "facts": [fact for fact in self._facts() if fact],
            "description": self._html(issue.description),
            "fields": self._fields() if options.fields else [],
            "links": [self._link(link) for link in issue.links],
            "attachments": self._attachments() if options.attachments else [],
            "comments": self._comments() if options.comments else [],
            "worklogs": self._worklogs() if options.worklogs else [],
            "time_total": self.labels.duration(sum(log.seconds for log in issue.worklogs)),
            "history": self._history() if options.history else [],
        }

    def _origin(self) -> str:
        """The line below every page; the tenant's own words come first."""
        footer = [self.options.brand.footer] if self.options.brand.footer else []
        as_of = f"{self.words['as_of']} {self.labels.moment_with_zone(self.issue.as_of)}"
        return " · ".join([*footer, self.issue.instance, as_of])

    def _browse(self, key: str) -> str | None:
        return f"{self.options.names.browse_url}{key}" if self.options.names.browse_url else None

    def _html(self, doc: Document | None) -> Markup:
        # The renderer escapes every text itself, so its result is markup by construction.
        return Markup(render_html(doc, self.resolver)) if doc else Markup("")  # noqa: S704

    def _status(self, status: PrintedStatus) -> View:
        category = status.category if status.category in _CATEGORIES else "todo"
        return {"name": status.name, "category": category}

    def _fact(self, label: str, value: str | None, absent: str | None = None) -> View | None:
        if value or absent:
            return {
                "label": self.words[label],
                "value": value or absent,
                "muted": not value,
                "chips": (),
                "wide": False,
            }
        return None

    def _list(self, label: str, values: tuple[str, ...]) -> View | None:
        # A long list takes a row of its own instead of a tall column.
        wide = sum(len(value) + _CHIP_FRAME for value in values) > _COLUMN
        fact = {"label": self.words[label], "value": "", "muted": False, "chips": values, "wide": wide}
        return fact if values else None

    def _facts(self) -> list[View | None]:
        issue, labels = self.issue, self.labels
        return [
            self._fact("assignee", issue.assignee, self.words["unassigned"]),
            self._fact("reporter", issue.reporter),
            self._fact("priority", issue.priority),
            self._fact("created", labels.moment(issue.created)),
            self._fact("updated", labels.moment(issue.updated)),
            self._fact("due", labels.day(issue.due) if issue.due else None),
            self._fact("resolution", issue.resolution),
            self._fact("resolved", labels.moment(issue.resolved) if issue.resolved else None),
            self._fact("sprint", issue.sprint),
            self._list("labels", issue.labels),
            self._list("components", issue.components),
            self._list("fix_versions", issue.fix_versions),
            self._list("affects_versions", issue.affects_versions),
        ]

    def _fields(self) -> list[View]:
        rows = [{"name": row.name, "value": row.value, "html": self._html(row.text)} for row in self.issue.fields]
        return [row for row in rows if row["value"] or row["html"]]

    def _link(self, link: Any) -> View:
        status = self._status(link.status) if link.status else None
        return {
            "relation": link.relation, "key": link.key, "summary": link.summary, "url": link.url, "status": status
        }  # fmt: skip

    def _attachments(self) -> list[View]:
        return [
            {
                "name": row.name,
                "size": self.labels.size(row.size),
                "author": row.author,
                "created": self.labels.moment(row.created) if row.created else "",
            }
            for row in self.issue.attachments
        ]

    def _comments(self) -> list[View]:
        return [
            {
                "author": row.author or self.words["deleted_user"],
                "created": self.labels.moment(row.created),
                "bookmark": f"{row.author or self.words['deleted_user']}, {self.labels.moment(row.created)}",
                "edited": row.edited,
                "visibility": row.visibility,
                "html": self._html(row.body),
            }
            for row in self.issue.comments
        ]

    def _worklogs(self) -> list[View]:
        return [
            {
                "author": row.author or self.words["deleted_user"],
                "started": self.labels.moment(row.started),
                "time": self.labels.duration(row.seconds),
                "html": self._html(row.comment),
            }
            for row in self.issue.worklogs
        ]

    def _history(self) -> list[View]:
        """One row for each change; who and when stand only in the first row of an entry."""
        rows = []
        for entry in self.issue.history:
            for index, change in enumerate(entry.changes):
                first = index == 0
                rows.append(
                    {
                        "first": first,
                        "at": self.labels.moment(entry.at) if first else "",
                        "author": (entry.author or self.words["deleted_user"]) if first else "",
                        "field": change.field,
                        "before": change.before,
                        "after": change.after,
                    }
                )
        return rows
