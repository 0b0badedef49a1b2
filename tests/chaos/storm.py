"""A running system and a seed in; a system that went through bad days and fell silent, and what was seen, out."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

import httpx
from bad_days import Machine, Round, plan_rounds
from jira_life import JiraLife
from listening import Listener
from ordering import ENDED, Orders, Reader

from common.testing.system import Json, System, eventually

PERSONALITIES = ("cloud", "datacenter")
_SETTLED_WITHIN = 240.0


def say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)  # noqa: T201 - the run tells what it does


class Storm:
    """Life goes on in both simulators, users read, order and listen, while rounds of faults pass over."""

    def __init__(self, system: System, seed: int, rounds: int) -> None:
        self.system, self.seed = system, seed
        self.rounds = plan_rounds(seed, rounds)
        self.machine = Machine(system.run, int(system.env["PORT_BASE"]))
        self.connections = {name: system.connection(name) for name in PERSONALITIES}
        self.projects = {name: self._projects(name) for name in PERSONALITIES}
        self.lives = {
            name: JiraLife(system.simulator(name), self.projects[name], seed + number)
            for number, name in enumerate(PERSONALITIES)
        }
        self.listener = Listener(system.env["JIRA_EXPORT_WS_URL"], self._channels(), self._token, self.revisions)
        self.orders = Orders(self._own_system(), self._keys, seed + 10)
        self.reader = Reader(self._own_system(), seed + 11)
        self.crashes: list[str] = []

    def rage(self) -> None:
        """Returns when all is quiet again: every service ready, every export ended, the mirror caught up."""
        say(f"CHAOS_SEED={self.seed} CHAOS_ROUNDS={len(self.rounds)}")
        self.listener.start()
        stop = threading.Event()
        try:
            with ExitStack() as stack:
                stack.callback(self._silence, stop, self._start(stop))
                for bad in self.rounds:
                    self._weather(bad)
                    if self.crashes:
                        break
        finally:
            for name in PERSONALITIES:
                self.system.simulator(name).door("DELETE", "/faults")
        assert self.crashes == [], self.crashes
        self._settle()
        self.listener.stop()
        for helper in (self.orders.system, self.reader.system):
            helper.client.close()

    def _start(self, stop: threading.Event) -> list[threading.Thread]:
        works: list[tuple[str, Callable[[threading.Event, float], None], float]] = [
            *((name, life.live, 0.5) for name, life in self.lives.items()),
            ("orders", self.orders.live, 3.0),
            ("reader", self.reader.live, 0.3),
        ]
        threads = [threading.Thread(target=self._work, args=(live, stop, every), name=n) for n, live, every in works]
        for thread in threads:
            thread.start()
        return threads

    def _work(self, live: Callable[[threading.Event, float], None], stop: threading.Event, every: float) -> None:
        try:
            live(stop, every)
        except Exception as error:  # a thread's failure has to reach the test
            self.crashes.append(f"{threading.current_thread().name}: {error!r}")

    def _silence(self, stop: threading.Event, threads: list[threading.Thread]) -> None:
        stop.set()
        for thread in threads:
            thread.join(120)
        assert not any(thread.is_alive() for thread in threads)

    def _weather(self, bad: Round) -> None:
        say(str(bad))
        for name in PERSONALITIES:
            self.system.simulator(name).door("POST", "/faults", bad.faults)
        time.sleep(4)  # life under the faults, before the strike
        self.machine.strike(bad)
        time.sleep(4)  # and after it
        for name in PERSONALITIES:
            self.system.simulator(name).door("DELETE", "/faults")
        started = time.monotonic()
        self.machine.wait_until_ready()
        say(f"  ready again after {time.monotonic() - started:.1f} s")

    def _settle(self) -> None:
        for name, life in self.lives.items():
            say(f"{name}: {sum(life.done.values())} happenings {life.done}")
        self._once_ready(self._sync_both)
        eventually(self._is_mirrored, within=_SETTLED_WITHIN, every=2)
        say("the mirror has caught up, as far as lists tell")
        eventually(self._exports_have_ended, within=_SETTLED_WITHIN, every=2)
        known = self.listener.known
        say(f"{len(self.orders.accepted)} exports, {self.orders.unsure} doubtful answers; reader {self.reader.answers}")
        say(f"{known.events} events, {known.connects} connects, recovered {known.recovered}, not {known.unrecovered}")
        with suppress(AssertionError):  # the test says what is missing
            eventually(lambda: not self.unheard(), within=30, every=1)

    def _once_ready(self, work: Callable[[], None]) -> None:
        self.machine.wait_until_ready()
        self.system.login()
        work()

    def _sync_both(self) -> None:
        """A deep poll at once: it also finds deletions whose webhook, all that Jira says of them, was lost."""
        for connection in self.connections.values():
            self.system.call("POST", f"/connections/{connection['id']}/sync")

    def _is_mirrored(self) -> bool:
        return not any(self.differences(name) for name in PERSONALITIES)

    def _exports_have_ended(self) -> bool:
        return all(state["status"] in ENDED for state in self.exports().values())

    def differences(self, name: str) -> list[str]:
        """How the listed issues differ from Jira's truth."""
        truth = {str(issue["id"]): _facts(issue) for issue in self.visible(name)}
        path = f"/issues?connection={self.connections[name]['id']}"
        mirror = {item["jira_id"]: _shown(item) for item in self.system.pages(path)}
        return [
            f"{jira_id}: Jira has {truth.get(jira_id)}, the mirror {mirror.get(jira_id)}"
            for jira_id in sorted(truth.keys() | mirror.keys())
            if truth.get(jira_id) != mirror.get(jira_id)
        ]

    def visible(self, name: str) -> list[Json]:
        """What Jira has in the projects that the account sees, without what a level hides."""
        return [issue for issue in self.issues(name) if not issue["security"]]

    def issues(self, name: str) -> list[Json]:
        projects = set(self.projects[name])
        return [one for one in self.system.simulator(name).truth() if one["key"].rpartition("-")[0] in projects]

    def exports(self) -> dict[str, Json]:
        """The state of every export that was accepted."""
        return {export: self.system.get(f"/exports/{export}") for export in self.orders.accepted}

    def unheard(self) -> list[str]:
        """Issues of whose last revision the listener does not know."""
        known = self.listener.known.revisions
        return [
            f"{issue}: knows {known.get(issue)}, the mirror has {revision}"
            for name in self._channels()
            for issue, revision in self.revisions(name).items()
            if known.get(issue, 0) < revision
        ]

    def revisions(self, channel: str) -> dict[str, int]:
        """What a client that opens a project's page reads; asked again until it is answered."""
        _, connection, project = channel.split(":")
        path = f"/issues?connection={connection}&project={project}"
        own = self._own_system()
        try:
            return {item["id"]: item["revision"] for item in _patiently(lambda: own.pages(path))}
        finally:
            own.client.close()

    def _token(self) -> str:
        own = self._own_system()
        try:
            return str(_patiently(lambda: own.login().tokens["access_token"]))
        finally:
            own.client.close()

    def _own_system(self) -> System:
        client = httpx.Client(trust_env=False, timeout=30)
        return System(self.system.run, self.system.env, client, dict(self.system.tokens))

    def _keys(self) -> list[str]:
        return [key for life in self.lives.values() for key in life.keys if key not in life.restricted]

    def _projects(self, name: str) -> list[str]:
        return [one["key"] for one in self.system.get(f"/connections/{self.connections[name]['id']}/projects")["items"]]

    def _channels(self) -> list[str]:
        return [
            f"project:{self.connections[name]['id']}:{key}" for name in PERSONALITIES for key in self.projects[name]
        ]


def _patiently(ask: Callable[[], Any], within: float = 180) -> Any:
    """Through outages: what a client does that shows a spinner."""
    end = time.monotonic() + within
    while True:
        try:
            return ask()
        except (httpx.HTTPError, AssertionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def _facts(issue: Json) -> tuple[Any, ...]:
    return issue["key"], issue["summary"], issue["status"], sorted(issue["labels"])


def _shown(item: Json) -> tuple[Any, ...]:
    return item["key"], item["summary"], item["status"]["name"], sorted(item["labels"])
