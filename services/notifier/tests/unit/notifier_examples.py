"""Ready-made viewers, targets, publications and clients for unit tests."""

from datetime import UTC, datetime, timedelta

from common.ids import new_id, public_id
from notifier.domain.channels import Feed, Kind, Target
from notifier.domain.client import Client
from notifier.domain.codes import Ending
from notifier.domain.publication import Publication, Viewer
from notifier.domain.send_queue import SendQueue
from notifier.domain.session import Rules, Session
from notifier.domain.sight import Origin, Seen

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TENANT = public_id("ten", new_id())
OTHER_TENANT = public_id("ten", new_id())
CONNECTION = public_id("con", new_id())
ISSUE = public_id("iss", new_id())
PROJECT = Target(TENANT, Kind.PROJECT, CONNECTION, "10000")
HERE = Origin(CONNECTION, "10000")
ALL_SCOPES = frozenset({"issues:read", "connections:read", "exports:read"})


def viewer(tenant: str = TENANT, **changes: object) -> Viewer:
    facts = {
        "tenant": tenant,
        "user": public_id("usr", new_id()),
        "session": public_id("ses", new_id()),
        "role": "member",
        "scopes": ALL_SCOPES,
        "sight": {CONNECTION: Seen(whole=True)},
        "as_of": NOW,
        "expires_at": NOW + timedelta(minutes=10),
    }
    return Viewer(**{**facts, **changes})  # type: ignore[arg-type]


def publication(position: int, *, targets: tuple[Target, ...] = (PROJECT,), **changes: object) -> Publication:
    facts = {
        "feed": Feed.JIRA,
        "epoch": "e1",
        "position": position,
        "event_id": f"evt_{position}",
        "tenant": TENANT,
        "targets": targets,
        "data": f'{{"n":{position}}}',
        "origin": HERE,
    }
    return Publication(**{**facts, **changes})  # type: ignore[arg-type]


class Hanging:
    """A client whose clock stands where it is put, and what its socket was told."""

    def __init__(self, *, max_bytes: int = 1_000, max_age: float = 10.0) -> None:
        self.now = 0.0
        self.cuts: list[Ending] = []
        self.client = Client(
            Session("c", Rules()),
            SendQueue(max_bytes, max_age),
            clock=lambda: self.now,
            wake=lambda: None,
            cut=self.cuts.append,
        )
        self.client.session.viewer = viewer()

    def frames(self) -> list[str]:
        taken = []
        while self.client.queue:
            taken += self.client.queue.take().split("\n")
            self.client.queue.written()
        return taken
