"""Names of the API description in; what each means for isolation out. A name that is not here makes the tests red.

A place is looked up as `METHOD /path place`, then as `place`, then by its name alone: the most exact word counts.
"""

from surface.operations import Operation, Place

#: Can name nothing that belongs to a tenant.
PLAIN = "plain"
#: What Jira itself calls things: both tenants mirror the same Jira, so the values are alike.
FILTER = "filter"
#: Whoever holds one is let in by it, whatever tenant he comes from; guessing is what must not help.
BEARER = "bearer"

_PLAIN = (
    "status_category created_after created_before updated_after updated_before due_before q sort fields limit count "
    "expand highlight name base_url deployment scope projects paused method username password email format locale "
    "paper jql filter template new_password current_password role active slug state redirect subject_kind kind value "
    "action outcome address after before delivery return_to code error iss issuer client_id client_secret scopes "
    "enabled domains domain_role groups_claim site_role all expires_in_days unlimited overlap_hours"
)
_FILTERS = "project type status priority assignee reporter label component fix_version sprint"

#: Ids, by the kind of thing as `surface.things` finds it, and whatever needs more than its bare name.
_THINGS = {
    "issue": "issue",
    "issues": "issue",
    "connection": "connection",
    "connections": "connection",
    "attachment": "attachment",
    "export": "export",
    "session": "session",
    "user": "user",
    "tenant": "tenant",
    "cursor": "cursor",
    "grant": "grant",
    "provider": "provider",
    "invitation": "invitation",
    "token": "api token",
    "POST /api/v1/auth/invitations/accept body token": BEARER,
    "POST /api/v1/auth/password/reset body token": BEARER,
    # Names and start links of a tenant's providers are public: whoever wants to sign in knows only its short name.
    "GET /api/v1/auth/providers query tenant": PLAIN,
    "GET /api/v1/auth/oidc/{provider}/start path provider": "provider to start",
    "GET /api/v1/auth/oidc/{provider}/start query tenant": "tenant name",
    "actor": "user",
    "target": "connection",
    "refresh_token": BEARER,
    # Who is granted something is not looked up: a stranger's id is taken unseen, and opens nothing outside the tenant.
    "body subject": PLAIN,
    "body grants[].subject": PLAIN,
    "body auth.token": PLAIN,
    "POST /api/v1/auth/login body tenant": "tenant name",
    "POST /api/v1/auth/switch body tenant": "tenant name",
}

WORDS = dict.fromkeys(_PLAIN.split(), PLAIN) | dict.fromkeys(_FILTERS.split(), FILTER) | _THINGS


def meaning(operation: Operation, place: Place) -> str | None:
    """What a place holds: a kind of thing, `plain`, `filter` or `bearer`; None when nobody has said it yet."""
    names = (f"{operation} {place}", str(place), place.name)
    return next((WORDS[name] for name in names if name in WORDS), None)


def names_a_thing(operation: Operation, place: Place) -> bool:
    """Whether a place holds something that belongs to one tenant."""
    return meaning(operation, place) not in {None, PLAIN, FILTER, BEARER}


def untaught(operation: Operation) -> list[str]:
    """What nobody has said yet of this operation's names."""
    return [
        f"teach me `{place.name}`: what is {operation} {place}? (tests/e2e/surface/vocabulary.py)"
        for place in operation.places
        if meaning(operation, place) is None
    ]
