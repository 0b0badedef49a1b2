"""The commands of the stack: up, down, status, logs, restart, parts-up, parts-down, stop, start."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence

from filelock import FileLock

from stack.compose import compose, compose_down, runs_in_compose
from stack.engine import default_stack
from stack.errors import StackError
from stack.follow import follow_log
from stack.layout import RunDir, run_dir_from_environment
from stack.parts import start_parts, stop_parts
from stack.plan.public_env import read_public_env
from stack.process.running import shut_down
from stack.process.supervision import Supervisor
from stack.status import print_status
from stack.up import start_system


def up(run: RunDir, _words: Sequence[str]) -> int:
    start = time.monotonic()
    start_system(run, print, default_stack())
    env = read_public_env(run)
    print(f"The system is up after {time.monotonic() - start:.1f} s: {env['JIRA_EXPORT_URL']} (login in {run.env})")
    return 0


def down(run: RunDir, _words: Sequence[str]) -> int:
    if not run.root.exists():
        print("Nothing runs.")
        return 0
    with FileLock(run.lock):
        forced = shut_down(run)
        if runs_in_compose(run):
            compose_down(run)
    for name in forced:
        print(f"  ended what a crash had left: {name}")
    print("Everything is stopped; the data stays in", run.data)
    return 0


def logs(run: RunDir, words: Sequence[str]) -> int:
    if runs_in_compose(run):
        compose(run, ["logs", "--follow", "--tail", "200", *words])
        return 0
    return follow_log(run, words[0] if words else "", follow=os.environ.get("FOLLOW", "1") != "0")


def restart(run: RunDir, words: Sequence[str]) -> int:
    supervisor = Supervisor(run)
    supervisor.stop(words)
    supervisor.start(words)
    return 0


def stop(run: RunDir, words: Sequence[str]) -> int:
    Supervisor(run).stop(words)
    return 0


def start(run: RunDir, words: Sequence[str]) -> int:
    Supervisor(run).start(words)
    return 0


def parts_up(run: RunDir, _words: Sequence[str]) -> int:
    base = os.environ.get("PORT_BASE")
    env = start_parts(
        run.root, int(base) if base else None, said=lambda name, took: print(f"  ready  {name:<10} {took:5.1f} s")
    )
    print(env)
    return 0


def parts_down(run: RunDir, _words: Sequence[str]) -> int:
    stop_parts(run.root)
    return 0


def status(run: RunDir, _words: Sequence[str]) -> int:
    if runs_in_compose(run):
        compose(run, ["ps"])
        return 0
    return print_status(run)


_COMMANDS: dict[str, Callable[[RunDir, Sequence[str]], int]] = {
    "up": up,
    "down": down,
    "status": status,
    "logs": logs,
    "restart": restart,
    "stop": stop,
    "start": start,
    "parts-up": parts_up,
    "parts-down": parts_down,
}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m stack")
    parser.add_argument("command", choices=sorted(_COMMANDS))
    parser.add_argument("names", nargs="*", help="services or parts")
    options = parser.parse_args(arguments)
    try:
        return _COMMANDS[options.command](run_dir_from_environment(), options.names)
    except StackError as err:
        print(f"{options.command}: {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
