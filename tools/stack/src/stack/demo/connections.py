"""Takes a running system with simulators; leaves one connection of the demo tenant to each, by the public API."""

from collections.abc import Mapping
from typing import Any, Self

import httpx

from stack.errors import StackError
from stack.plan.services import DEMO_EMAIL, ServicePlan
from stack.plan.simulators import SimulatorPlan

_NAMES = {"cloud": "Demo Cloud", "datacenter": "Demo Data Center"}
_KINDS = {"cloud": "cloud", "datacenter": "datacenter"}


class PublicApi:
    """A small client of the public API that says what was refused, and why."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=f"{url}/api/v1", timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def log_in(self, email: str, password: str) -> str:
        signed = self.call("POST", "/auth/login", json={"email": email, "password": password}).json()
        token: str = signed["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"
        return token

    def call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        follow: bool = False,
    ) -> httpx.Response:
        try:
            answer = self._client.request(method, path, json=json, headers=headers, follow_redirects=follow)
        except httpx.HTTPError as err:
            message = f"{method} /api/v1{path}: {str(err) or type(err).__name__}"
            raise StackError(message) from err
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            message = f"{method} /api/v1{path} answers {answer.status_code}: {answer.text[:500]}"
            raise StackError(message)
        return answer

    def items(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", path).json()["items"]
        return found


def ensure_demo_connections(services: ServicePlan, simulators: SimulatorPlan) -> dict[str, str]:
    """The id of the demo connection of each personality; one that exists is found again by its address."""
    with PublicApi(services.url("api-gateway")) as api:
        api.log_in(DEMO_EMAIL, services.secrets["demo_password"])
        known = {c["base_url"].rstrip("/"): str(c["id"]) for c in api.items("/connections?limit=200")}
        return {
            personality: known.get(simulators.url(personality)) or connect(api, simulators, personality)
            for personality in simulators.options.personalities
        }


def connect(api: PublicApi, simulators: SimulatorPlan, personality: str) -> str:
    body = {
        "name": _NAMES[personality],
        "base_url": simulators.url(personality),
        "deployment": _KINDS[personality],
        "auth": simulators.auth(personality),
        "grants": [
            {"subject_kind": "role", "subject": role, "kind": "project", "value": "*"}
            for role in ("owner", "admin", "member", "viewer")
        ],
    }
    return str(api.call("POST", "/connections", json=body).json()["id"])
