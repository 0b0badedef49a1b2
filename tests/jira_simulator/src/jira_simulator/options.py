"""Command line in, what to simulate out."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jira_simulator.generate.accounts import Credentials
from jira_simulator.model.records import Personality
from jira_simulator.oauth.grants import OAuthApp


@dataclass(frozen=True, slots=True)
class Options:
    personality: Personality
    port: int
    host: str = "127.0.0.1"
    media_port: int = 0
    base_url: str = ""
    media_url: str = ""
    issues: int = 250
    seed: int = 1
    issues_from: Path | None = None
    fixture: Path | None = None
    latency_ms: int = 0
    rate_limit: float = 0.0
    webhook_retry_ms: tuple[int, int] = (500, 1500)
    credentials: Credentials = field(default_factory=Credentials)
    oauth: OAuthApp = field(default_factory=OAuthApp)
    oauth_consent: str = "page"


def _own(name: str, default: str) -> str:
    return os.environ.get(name, default)


def _parser() -> argparse.ArgumentParser:
    known = Credentials()
    parser = argparse.ArgumentParser(prog="jira_simulator", description="A strict stand-in for Jira.")
    add = parser.add_argument
    add("--personality", choices=[entry.value for entry in Personality], required=True)
    add("--port", type=int, required=True)
    add("--host", default="127.0.0.1")
    add("--media-port", type=int, default=0, help="where Cloud's attachment redirects lead; default: port + 1")
    add("--base-url", default="", help="the address Jira believes to have; default: http://HOST:PORT")
    add("--media-url", default="", help="the address of the media port as clients see it")
    add("--issues", type=int, default=250)
    add("--seed", type=int, default=1)
    add("--issues-from", type=Path, help="JSON lines of real issues, gzip or not")
    add("--fixture", type=Path, help="the format of data/jql/semantics.json")
    add("--latency-ms", type=int, default=0)
    add("--rate-limit", type=float, default=0.0, help="1 = the documented buckets, 0.1 = a tenth of them; default: off")
    add("--webhook-retry-ms", default="500,1500", help="least,most between attempts; Jira Cloud: 300000,900000")
    add("--email", default=_own("SIM_EMAIL", known.email))
    add("--token", default=_own("SIM_TOKEN", known.token))
    add("--user", default=_own("SIM_DC_USER", known.user))
    add("--password", default=_own("SIM_DC_PASSWORD", known.password))
    add("--pat", default=_own("SIM_DC_PAT", known.pat))
    app = OAuthApp()
    add("--oauth-client-id", default=_own("SIM_OAUTH_CLIENT_ID", app.client_id))
    add("--oauth-client-secret", default=_own("SIM_OAUTH_CLIENT_SECRET", app.client_secret))
    add("--oauth-redirects", default="", help="the app's registered redirect addresses, by commas")
    add("--oauth-consent", choices=["page", "auto"], default="page", help="auto: the main account consents by itself")
    return parser


def parse_options(arguments: Sequence[str]) -> Options:
    """A repeated option counts as it was given last."""
    parser = _parser()
    given = parser.parse_args(list(arguments))
    try:
        least, most = (int(part) for part in given.webhook_retry_ms.split(","))
    except ValueError:
        parser.error("--webhook-retry-ms takes two numbers: least,most")
    if given.issues < 0:
        parser.error("--issues must not be negative")
    host = "127.0.0.1" if given.host in {"0.0.0.0", "::"} else given.host  # noqa: S104
    media_port = given.media_port or given.port + 1
    return Options(
        personality=Personality(given.personality),
        port=given.port,
        host=given.host,
        media_port=media_port,
        base_url=given.base_url.rstrip("/") or f"http://{host}:{given.port}",
        media_url=given.media_url.rstrip("/") or f"http://{host}:{media_port}",
        issues=given.issues,
        seed=given.seed,
        issues_from=given.issues_from,
        fixture=given.fixture,
        latency_ms=given.latency_ms,
        rate_limit=given.rate_limit,
        webhook_retry_ms=(least, most),
        credentials=Credentials(given.email, given.token, given.user, given.password, given.pat),
        oauth=OAuthApp(
            given.oauth_client_id,
            given.oauth_client_secret,
            tuple(address.strip() for address in given.oauth_redirects.split(",") if address.strip()),
        ),
        oauth_consent=given.oauth_consent,
    )
