"""Each rule finds its bad example and leaves the good one alone."""

import textwrap
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from common.contracts.topics import Topic, TopicContract
from lints.rules import network_in_transaction, scoped_sql, sizes, sql_home, subscribers, topics
from lints.source import Finding, Source

Rule = Callable[[Source], Iterator[Finding]]
USE_CASE = "services/jira-sync/src/jira_sync/usecases/do_it.py"
STORE = "services/jira-sync/src/jira_sync/store/rows.py"


def found(rule: Rule, path: str, text: str) -> list[int]:
    return [finding.line for finding in rule(Source(path, textwrap.dedent(text)))]


CASES: dict[str, tuple[Rule, str, str, list[int]]] = {
    "SQL in a use case": (sql_home.check, USE_CASE, "from sqlalchemy import select\n", [1]),
    "SQL in the store": (sql_home.check, STORE, "from sqlalchemy import select\n", []),
    "a commit in the store": (sql_home.check, STORE, "async def f(session):\n    await session.commit()\n", [2]),
    "a commit that is no database's": (
        sql_home.check,
        STORE,
        "async def f(reader):\n    await reader.commit()  # not a database: an offset\n",
        [],
    ),
    "an unscoped statement": (scoped_sql.check, STORE, "def f():\n    return select(rows.c.name)\n", [2]),
    "a statement scoped by a condition": (
        scoped_sql.check,
        STORE,
        "def f(t):\n    return select(rows).where(rows.c.tenant_id == t)\n",
        [],
    ),
    "a statement scoped by a function of the module": (
        scoped_sql.check,
        STORE,
        "def mine(t):\n    return rows.c.tenant_id == t\ndef f(t):\n    return select(rows).where(mine(t))\n",
        [],
    ),
    "a statement of the unit of work": (scoped_sql.check, STORE, "def f(tx):\n    return tx.select(rows)\n", []),
    "a marked escape": (
        scoped_sql.check,
        STORE,
        "def f():\n    # across tenants: finds the tenant of a webhook\n    return select(rows)\n",
        [],
    ),
    "an escape without a reason": (
        scoped_sql.check,
        STORE,
        "def f():\n    # across tenants\n    return select(rows)\n",
        [3],
    ),
    "Jira asked in a transaction": (
        network_in_transaction.check,
        USE_CASE,
        "async def f(app):\n    async with app.db.uow(t) as tx:\n        await app.jira.fetch()\n",
        [3],
    ),
    "Jira asked before the transaction": (
        network_in_transaction.check,
        USE_CASE,
        "async def f(app):\n    await app.jira.fetch()\n    async with app.db.uow(t) as tx:\n        await save(tx)\n",
        [],
    ),
    "an outbound function awaited in a lean read": (
        network_in_transaction.check,
        USE_CASE,
        """\
        from jira_sync.outbound.pages import fetch_page
        async def f(app):
            async with app.db.read(t) as r:
                await fetch_page()
        """,
        [4],
    ),
    "a function that is too long": (sizes.check, USE_CASE, "def f():\n" + "    x = 1\n" * 50, [1]),
    "a file that is too long": (sizes.check, USE_CASE, "x = 1\n" * 401, [1]),
    "a long table file": (sizes.check, "services/x/src/x/store/tables.py", "x = 1\n" * 401, []),
    "a comment of four lines": (sizes.check, USE_CASE, "# a\n# b\n# c\n# d\n", [4]),
    "a subscriber of one's own": (subscribers.check, USE_CASE, "@router.subscriber('x')\nasync def f(): ...\n", [1]),
    "a consumer of one's own": (subscribers.check, USE_CASE, "c = AIOKafkaConsumer('x')\n", [1]),
    "a subscriber in its home": (
        subscribers.check,
        "libs/common/src/common/messaging/consuming.py",
        "@router.subscriber('x')\nasync def f(): ...\n",
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_rule_finds_its_bad_example_and_nothing_else(name: str) -> None:
    rule, path, text, lines = CASES[name]
    assert found(rule, path, text) == lines


def contract(**changes: object) -> TopicContract:
    values: dict[str, object] = {
        "topic": Topic.EXPORT_REQUESTS,
        "about": "x",
        "producer": "export-worker",
        "groups": ("export-worker",),
        "broadcasts": (),
        "key": "k",
        "partitions": 1,
        "retention": timedelta(days=1),
    }
    return TopicContract(**(values | changes))  # type: ignore[arg-type]


def test_a_topic_without_handler_reader_or_producer_is_found() -> None:
    worker = Source(
        "services/export-worker/src/export_worker/main.py",
        "subscribe(router, Topic.EXPORT_REQUESTS)\nasync def f(tx):\n    await tx.emit(e)\n",
    )
    assert list(topics.check_all([worker], [contract()])) == []
    assert len(list(topics.check_all([], [contract()]))) == 2
    assert len(list(topics.check_all([worker], [contract(broadcasts=("notifier",))]))) == 1
