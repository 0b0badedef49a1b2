"""A running system in; steady edits, reads, documents and sockets that come and go out, and what went wrong."""

import asyncio
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from centrifuge import Client, PublicationContext, SubscriptionEventHandler

from common.testing.system import Simulator, System

_PATHS = ("/issues?limit=50", "/issues?q=login&limit=20", "/issues?status=Done&sort=-priority", "/connections", "/me")


@dataclass
class Load:
    """Threads that work until they are told to stop; a fixed pool of issues, so that data does not grow with time."""

    system: System
    stop: threading.Event = field(default_factory=threading.Event)
    done: dict[str, int] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self.works: dict[str, Callable[[], None]] = {
            "edits in Cloud": self._editor("cloud", 1),
            "edits in Data Center": self._editor("datacenter", 2),
            "reads": self._reader(3),
            "more reads": self._reader(4),
            "documents": self._printer(5),
            "sockets": self._visitor(),
        }
        for name, work in self.works.items():
            thread = threading.Thread(target=self._work, args=(name, work), name=name)
            self.threads.append(thread)
            thread.start()

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self.threads)

    def _work(self, name: str, work: Callable[[], None]) -> None:
        while not self.stop.is_set():
            try:
                work()
            except Exception as error:  # a thread's failure has to reach the test
                self.odd.append(f"{name}: {error!r}")
                if len(self.odd) > 20:
                    return
            self.done[name] = self.done.get(name, 0) + 1

    def _editor(self, personality: str, seed: int) -> Callable[[], None]:
        dice = random.Random(seed)
        simulator = Simulator(self.system.simulator(personality).url, httpx.Client(trust_env=False, timeout=60))
        shown = self.system.pages(f"/issues?connection={self.system.connection(personality)['id']}")
        keys = [item["key"] for item in shown][:100]

        def work() -> None:
            simulator.edit(dice.choice(keys), fields={"summary": f"Steady login {dice.randrange(10**9)}"})
            self.stop.wait(0.4)

        return work

    def _reader(self, seed: int) -> Callable[[], None]:
        dice = random.Random(seed)
        own = own_system(self.system)
        keys = [item["id"] for item in own.get("/issues?limit=200")["items"]]

        def work() -> None:
            issue = dice.choice(keys)
            path = dice.choice((*_PATHS, f"/issues/{issue}", f"/issues/{issue}/history", f"/issues/{issue}/comments"))
            answer = own.call("GET", path)
            if answer.status_code != httpx.codes.OK:
                self.odd.append(f"GET {path}: {answer.status_code} {answer.text[:200]}")
            self.stop.wait(0.1)

        return work

    def _printer(self, seed: int) -> Callable[[], None]:
        dice = random.Random(seed)
        own = own_system(self.system)
        keys = [item["id"] for item in own.get("/issues?limit=200")["items"]]

        def work() -> None:
            answer = own.call("GET", f"/issues/{dice.choice(keys)}/pdf")
            if answer.status_code not in {200, 202}:
                self.odd.append(f"pdf: {answer.status_code} {answer.text[:200]}")
            self.stop.wait(3)

        return work

    def _visitor(self) -> Callable[[], None]:
        own = own_system(self.system)
        connection = own.get("/connections")["items"][0]["id"]
        projects = [project["key"] for project in own.get(f"/connections/{connection}/projects")["items"]]
        names = [f"project:{connection}:{key}" for key in projects]

        def work() -> None:
            own.get("/me")  # a token that has run out is renewed
            asyncio.run(visit(own.env["JIRA_EXPORT_WS_URL"], own.tokens["access_token"], names))

        return work


def own_system(system: System) -> System:
    return System(system.run, system.env, httpx.Client(trust_env=False, timeout=60), dict(system.tokens))


class _Ear(SubscriptionEventHandler):  # type: ignore[misc]  # the package ships no types
    def __init__(self) -> None:
        self.heard = asyncio.Event()

    async def on_publication(self, _: PublicationContext) -> None:
        self.heard.set()


async def visit(url: str, token: str, channels: list[str], clients: int = 5) -> None:
    """Some clients come, hear something (an edit is made every half second), and go."""
    ears: list[_Ear] = []
    open_clients: list[Any] = []
    for _ in range(clients):
        client, ear = Client(url, token=token, proxy=None), _Ear()
        for channel in channels:
            await client.new_subscription(channel, ear).subscribe()
        await client.connect()
        open_clients.append(client)
        ears.append(ear)
    try:
        async with asyncio.timeout(60):
            for ear in ears:
                await ear.heard.wait()
    finally:
        for client in open_clients:
            with suppress(Exception):
                await client.disconnect()


def watch(seconds: float, look: Callable[[], Any], every: float = 5.0) -> list[Any]:
    """Looks again and again for so long."""
    end = time.monotonic() + seconds
    seen = []
    while time.monotonic() < end:
        seen.append(look())
        time.sleep(every)
    return seen
