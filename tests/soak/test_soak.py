"""Ten minutes of steady work (`SOAK_MINUTES`): memory, open files and database connections stay where they were."""

import os

import pytest
from measuring import Size, measure, middle
from steady_load import Load, watch

from common.testing.system import System
from stack.plan.services import SERVICE_NAMES
from stack.ports import Ports

_MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
#: Half a minute at either end is measured; the warm-up fills pools, caches and the notifier's history.
_WINDOW = 30.0


@pytest.fixture(scope="module")
def sizes(system: System) -> dict[str, tuple[Size, Size]]:
    """Each service's size after the warm-up and at the end."""
    for personality in ("cloud", "datacenter"):
        system.connection(personality)
    load = Load(system)
    port = Ports(int(system.env["PORT_BASE"])).postgres
    before = {name: (system.run.pids / name).read_text() for name in SERVICE_NAMES}
    load.start()
    try:
        looks = watch(60 * _MINUTES, lambda: measure(system.run, port))
    finally:
        load.end()
    warm_up = len(looks) // 4
    window = max(3, int(_WINDOW / 5))
    found = {}
    for name in SERVICE_NAMES:
        course = [look[name] for look in looks]
        found[name] = middle(course[warm_up : warm_up + window]), middle(course[-window:])
        print(f"{name:14} {found[name][0]}  →  {found[name][1]}")  # noqa: T201 - figures for the report
    print(f"done: {load.done}")  # noqa: T201
    assert load.odd == []
    assert all(count > _MINUTES for count in load.done.values())
    assert before == {name: (system.run.pids / name).read_text() for name in SERVICE_NAMES}, "a service was restarted"
    return found


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_memory_does_not_grow(sizes: dict[str, tuple[Size, Size]], name: str) -> None:
    warm, last = sizes[name]
    assert last.memory <= 1.3 * warm.memory


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_open_files_do_not_grow(sizes: dict[str, tuple[Size, Size]], name: str) -> None:
    warm, last = sizes[name]
    assert last.files <= warm.files + 12


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_database_connections_do_not_grow(sizes: dict[str, tuple[Size, Size]], name: str) -> None:
    warm, last = sizes[name]
    assert last.database <= warm.database + 4
