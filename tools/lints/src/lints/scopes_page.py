"""The page of scopes: the routes of the public API and the roles of auth come in, two tables go out."""

from collections import defaultdict
from typing import Any

from auth.domain.roles import OPERATOR_SCOPES, Role, scopes_of
from common.web.tokens import SCOPES

_OPERATOR = "operator"
_EFFECTIVE = (
    "A token's effective scopes are those of its owner's role now; an API token's are those that it was made with "
    "and the role both have. `GET /api/v1/me` tells them."
)
_ACCESS = {
    "public": "Nobody has to be signed in",
    "signed-in": "Any signed-in person; of these an API token may use only `GET /api/v1/me` and give itself up",
}


def scopes_page(document: dict[str, Any], note: str) -> str:
    """`document` is the OpenAPI document of the gateway, where every operation declares its access."""
    routes = _routes(document)
    roles = [role.value for role in Role]
    lines = [
        "# Scopes, roles and routes",
        "",
        note,
        "",
        _EFFECTIVE,
        "",
        "## What a role may do",
        "",
        f"| scope | what | {' | '.join([*roles, _OPERATOR])} |",
        f"|---|---|{'---|' * (len(roles) + 1)}",
    ]
    for scope, about in SCOPES.items():
        held = [scope in scopes_of(role) for role in Role] + [scope in OPERATOR_SCOPES]
        lines.append(f"| `{scope}` | {about} | {' | '.join('yes' if has else '–' for has in held)} |")
    lines += ["", "Beside its scopes an owner alone makes and unmakes owners and API tokens without an end.", ""]
    lines += ["## What a route needs", "", "| scope | routes |", "|---|---|"]
    lines += [f"| `{scope}` | {', '.join(routes.get(scope, ['none yet']))} |" for scope in SCOPES]
    lines += [f"| {about} | {', '.join(routes.get(access, ['none']))} |" for access, about in _ACCESS.items()]
    return "\n".join(lines) + "\n"


def _routes(document: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path, operations in sorted(document["paths"].items()):
        for method, operation in operations.items():
            needed = operation.get("x-required-scope") or operation["x-access"]
            found[needed].append(f"`{method.upper()} {path}`")
    return found
