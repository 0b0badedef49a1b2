"""Hot reads cost a fixed number of statements, however many rows there are."""

import pytest
from gateway_client import Gateway, StartGateway

from api_gateway.gate.settings import GateSettings
from common.db.reading import Reader
from common.testing.mirror import MirrorSeed


class Counter:
    """How many statements readers have run."""

    def __init__(self) -> None:
        self.count = 0

    def taken(self) -> int:
        """The number since it was asked last."""
        count, self.count = self.count, 0
        return count


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Counter:
    counter = Counter()
    for name in ("fetch", "fetchrow", "fetchval"):
        original = getattr(Reader, name)

        def counted(self: Reader, *args: object, _original: object = original, **params: object) -> object:
            counter.count += 1
            return _original(self, *args, **params)  # type: ignore[operator]

        monkeypatch.setattr(Reader, name, counted)
    return counter


async def test_reads_cost_the_same_for_few_and_many_rows(
    start_gateway: StartGateway, mirror: MirrorSeed, statements: Counter
) -> None:
    # Without the gate, which reads a tenant's limits every five seconds besides.
    gateway: Gateway = await start_gateway(limits=GateSettings(enabled=False))
    jira = await mirror.jira()
    text = {"format": "wiki", "raw": "see [~bob] !a.png!"}
    client = gateway.as_tenant(mirror.tenant)
    costs = []
    for round_ in range(2):
        for number in range(1, 31):
            key = f"D-{number + 100 * round_}"
            issue = await mirror.issue(jira, key, labels=["x"], detail={"description": text})
            if number == 1:
                for _ in range(1 + 20 * round_):
                    await mirror.comment(issue, "hi [~bob]")
                    await mirror.attachment(issue)
                    await mirror.change(issue, {"field": "Link", "to_text": "blocks D-2"})
        statements.taken()
        cost = []
        await client.get("/issues", limit=200)
        cost.append(statements.taken())
        await client.get("/issues", limit=200, label="x", sort="-priority,key", count="true")
        cost.append(statements.taken())
        await client.get("/issues", q="summary", limit=200)
        cost.append(statements.taken())
        await client.get(f"/issues/D-{1 + 100 * round_}")
        cost.append(statements.taken())
        await client.get(f"/issues/D-{1 + 100 * round_}", expand="comments,worklogs,history,attachments,links")
        cost.append(statements.taken())
        costs.append(cost)
    assert costs[0] == costs[1]
    plain, counted, searched, detail, expanded = costs[0]
    assert plain <= 2
    assert counted <= 3
    assert searched <= 3
    assert detail <= 5
    assert expanded <= 12
