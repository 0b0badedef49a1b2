"""Which classic scope an operation needs when it is asked for with an OAuth token: a method and a pattern in."""

KNOWN = frozenset(
    {
        "read:me",
        "read:account",
        "offline_access",
        "read:jira-work",
        "write:jira-work",
        "read:jira-user",
        "manage:jira-project",
        "manage:jira-configuration",
        "manage:jira-webhook",
        "manage:jira-data-provider",
    }
)
#: Scopes with which a site counts as accessible.
OF_JIRA = frozenset(scope for scope in KNOWN if "jira" in scope)

_READING_POSTS = (
    "/search",
    "/search/jql",
    "/search/approximate-count",
    "/issue/bulkfetch",
    "/changelog/bulkfetch",
    "/issue/{issue}/changelog/list",
    "/comment/list",
    "/worklog/list",
)
_OF_USERS = ("/myself", "/user", "/users")


def needed_scope(method: str, path: str) -> str | None:
    """`path` is an operation's own; None for what anybody may ask."""
    if path == "/serverInfo":
        return None
    if path.startswith("//rest/webhooks") or "webhook" in path:
        return "manage:jira-webhook"
    if path.startswith(_OF_USERS):
        return "read:jira-user"
    if path.startswith("/issuesecurityschemes"):
        return "manage:jira-configuration"
    reads = method in ("GET", "HEAD") or path in _READING_POSTS
    return "read:jira-work" if reads else "write:jira-work"
