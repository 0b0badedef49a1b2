"""Every operation the simulator implements: method, path, handler and the personality that has it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from starlette.responses import Response

from jira_simulator.http import (
    attachments,
    catalogue,
    comments,
    edits,
    identity,
    issues,
    projects,
    search,
    webhook_admin,
    worklogs,
)
from jira_simulator.http.call import Call

Handler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Operation:
    methods: tuple[str, ...]
    path: str
    handler: Handler
    only: Literal["cloud", "datacenter"] | None = None


def _get(path: str, handler: Handler, only: Literal["cloud", "datacenter"] | None = None) -> Operation:
    return Operation(("GET",), path, handler, only)


# Paths are relative to /rest/api/{version} unless they begin with `//`.
OPERATIONS: tuple[Operation, ...] = (
    _get("/serverInfo", identity.server_info),
    _get("/myself", identity.myself),
    _get("//rest/auth/1/session", identity.session),
    _get("/mypermissions", identity.my_permissions),
    _get("/user", identity.user),
    _get("/user/search", identity.search_users),
    _get("/users/search", identity.all_users, "cloud"),
    _get("/users", identity.all_users, "cloud"),
    _get("/user/bulk", identity.users_by_id, "cloud"),
    _get("/field", catalogue.fields),
    _get("/field/search", catalogue.search_fields, "cloud"),
    _get("/status", catalogue.statuses),
    _get("/status/{id}", catalogue.status),
    _get("/statuscategory", catalogue.status_categories),
    _get("/priority", catalogue.priorities),
    _get("/priority/search", catalogue.search_priorities, "cloud"),
    _get("/issuetype", catalogue.issue_types),
    _get("/resolution", catalogue.resolutions),
    _get("/issueLinkType", catalogue.link_types),
    _get("/issuesecurityschemes", catalogue.security_schemes),
    _get("/issuesecurityschemes/{id}", catalogue.security_scheme),
    _get("/securitylevel/{id}", catalogue.security_level),
    _get("/project", projects.projects),
    _get("/project/search", projects.search_projects, "cloud"),
    _get("/project/{project}", projects.project),
    _get("/project/{project}/versions", projects.versions),
    _get("/project/{project}/components", projects.components),
    _get("/project/{project}/statuses", projects.statuses),
    Operation(("GET", "POST"), "/search/jql", search.cloud_search, "cloud"),
    Operation(("POST",), "/search/approximate-count", search.approximate_count, "cloud"),
    Operation(("GET", "POST"), "/search", search.removed_search, "cloud"),
    Operation(("GET", "POST"), "/search", search.datacenter_search, "datacenter"),
    Operation(("POST",), "/issue", edits.create_issue),
    Operation(("POST",), "/issue/bulkfetch", issues.bulk_fetch, "cloud"),
    Operation(("POST",), "/changelog/bulkfetch", issues.changelog_bulk_fetch, "cloud"),
    _get("/issue/{issue}", issues.get_issue),
    Operation(("PUT",), "/issue/{issue}", edits.edit_issue),
    Operation(("DELETE",), "/issue/{issue}", edits.delete_issue),
    Operation(("PUT",), "/issue/{issue}/assignee", edits.assign_issue),
    _get("/issue/{issue}/changelog", issues.changelog, "cloud"),
    Operation(("POST",), "/issue/{issue}/changelog/list", issues.changelog_by_ids, "cloud"),
    _get("/issue/{issue}/transitions", issues.get_transitions),
    Operation(("POST",), "/issue/{issue}/transitions", edits.transition_issue),
    _get("/issue/{issue}/comment", comments.comments),
    Operation(("POST",), "/issue/{issue}/comment", comments.create_comment),
    _get("/issue/{issue}/comment/{id}", comments.comment),
    Operation(("PUT",), "/issue/{issue}/comment/{id}", comments.update_comment),
    Operation(("DELETE",), "/issue/{issue}/comment/{id}", comments.remove_comment),
    Operation(("POST",), "/comment/list", comments.comments_by_id, "cloud"),
    _get("/issue/{issue}/worklog", worklogs.worklogs),
    Operation(("POST",), "/issue/{issue}/worklog", worklogs.create_worklog),
    _get("/issue/{issue}/worklog/{id}", worklogs.worklog),
    Operation(("PUT",), "/issue/{issue}/worklog/{id}", worklogs.update_worklog),
    Operation(("DELETE",), "/issue/{issue}/worklog/{id}", worklogs.remove_worklog),
    _get("/worklog/updated", worklogs.updated_worklogs),
    _get("/worklog/deleted", worklogs.deleted_worklogs),
    Operation(("POST",), "/worklog/list", worklogs.worklogs_by_id),
    Operation(("POST",), "/issueLink", edits.create_link),
    _get("/issueLink/{id}", edits.get_link),
    Operation(("DELETE",), "/issueLink/{id}", edits.delete_link),
    Operation(("POST",), "/issue/{issue}/attachments", attachments.upload),
    _get("/attachment/meta", attachments.meta),
    _get("/attachment/content/{id}", attachments.content, "cloud"),
    _get("/attachment/thumbnail/{id}", attachments.small, "cloud"),
    _get("/attachment/{id}", attachments.record),
    Operation(("DELETE",), "/attachment/{id}", attachments.remove),
    _get("//secure/attachment/{id}/{name}", attachments.secure_content, "datacenter"),
    _get("//secure/thumbnail/{id}/{name}", attachments.secure_thumbnail, "datacenter"),
    _get("//rest/webhooks/1.0/webhook", webhook_admin.hooks),
    Operation(("POST",), "//rest/webhooks/1.0/webhook", webhook_admin.create),
    _get("//rest/webhooks/1.0/webhook/{id}", webhook_admin.hook),
    Operation(("PUT",), "//rest/webhooks/1.0/webhook/{id}", webhook_admin.update),
    Operation(("DELETE",), "//rest/webhooks/1.0/webhook/{id}", webhook_admin.remove),
)
