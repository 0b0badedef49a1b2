import pytest
from notifier_bus import changed, commented
from notifier_raw import Raw

from common.clock import utc_now
from common.contracts.exports import ExportFinishedV1
from common.contracts.issues import EventAccess, IssueDeletedV1, IssueMovedV1
from common.contracts.sync import GrantsChangedV1, SyncPhaseChangedV1
from common.ids import new_id, public_id


@pytest.fixture
async def raw(node, mint, mirror):
    async with Raw(node.url) as client:
        await client.connect(mint.token(mirror.tenant))
        yield client


async def test_an_issue_event_arrives_as_a_cloud_event_with_its_position(raw, bus, mirror):
    await raw.subscribe(f"issue:{mirror.issue}")
    position = await bus.send(changed(mirror, 7), mirror.tenant)
    publication = await raw.hear_publication()
    assert publication["offset"] == position
    event = publication["data"]
    assert (event["specversion"], event["type"], event["tenantid"]) == ("1.0", "jira.issue.changed.v1", mirror.tenant)
    assert (event["data"]["revision"], event["data"]["position"]) == (7, position)
    assert "access" not in event["data"]


async def test_an_old_key_of_a_project_is_an_alias_and_a_rename_changes_nothing(raw, bus, mirror):
    for channel in (mirror.project, f"project:{mirror.connection}:{mirror.old_key}"):
        assert "subscribe" in await raw.subscribe(channel)
    await mirror.rename_project("NEW")
    await bus.send(changed(mirror), mirror.tenant)
    heard = {(await raw.hear())["push"]["channel"] for _ in range(2)}
    assert heard == {f"project:{mirror.connection}:DEMO", f"project:{mirror.connection}:OLD"}
    assert "subscribe" in await raw.subscribe(mirror.project)


async def test_a_moved_issue_is_heard_in_the_project_that_it_left(raw, bus, mirror):
    await raw.subscribe(mirror.project)
    await mirror.grant("project", "10777")
    facts = changed(mirror, project_id="10777").model_dump(exclude={"fields", "changes"})
    moved = IssueMovedV1(**facts, old_key="DEMO-1", old_project_key="DEMO", old_project_id=str(mirror.project_id))
    await bus.send(moved, mirror.tenant)
    assert (await raw.hear_publication())["data"]["type"] == "jira.issue.moved.v1"


async def test_who_does_not_see_where_an_issue_went_hears_that_it_is_gone(node, mint, bus, mirror):
    await mirror.withdraw("project")
    await mirror.grant("project", str(mirror.project_id))
    async with Raw(node.url) as raw:
        await raw.connect(mint.token(mirror.tenant))
        await raw.subscribe(mirror.project)
        facts = changed(mirror, key="HID-9", project_key="HID", project_id="10777").model_dump(
            exclude={"fields", "changes"}
        )
        moved = IssueMovedV1(**facts, old_key="DEMO-1", old_project_key="DEMO", old_project_id=str(mirror.project_id))
        await bus.send(moved, mirror.tenant)
        await bus.send(changed(mirror, key="HID-9", project_key="HID", project_id="10777"), mirror.tenant)
        await bus.send(changed(mirror, 5), mirror.tenant)
        gone, after = await raw.hear_publication(), await raw.hear_publication()
        assert (gone["data"]["type"], gone["data"]["data"]["key"]) == ("jira.issue.deleted.v1", "DEMO-1")
        assert "HID" not in str(gone)
        assert after["data"]["data"]["revision"] == 5


async def test_a_withdrawn_grant_silences_open_channels_within_seconds_and_for_good(node, mint, bus, mirror):
    async with Raw(node.url) as raw:
        await raw.connect(mint.token(mirror.tenant))
        channels = [
            mirror.project,
            f"issue:{mirror.issue}",
            f"export:{mirror.export}",
            f"connection:{mirror.connection}",
        ]
        for channel in channels:
            assert "subscribe" in await raw.subscribe(channel)
        await raw.subscribe(f"tenant:{mirror.tenant}")
        await mirror.withdraw("project")
        await bus.send(GrantsChangedV1(connection_id=mirror.connection, at=utc_now()), mirror.tenant)
        ended = [(await raw.hear(within=5))["push"] for _ in channels]
        assert {push["channel"]: push["unsubscribe"]["code"] for push in ended} == dict.fromkeys(channels, 2000)
        await bus.send(changed(mirror), mirror.tenant)
        await bus.send(SyncPhaseChangedV1(connection_id=mirror.connection, phase="live", at=utc_now()), mirror.tenant)
        with pytest.raises(TimeoutError):
            await raw.hear(within=0.5)
        assert [(await raw.subscribe(channel))["error"]["code"] for channel in channels] == [103] * len(channels)


async def test_what_is_granted_later_is_heard_without_connecting_again(raw, bus, mirror):
    await raw.subscribe(mirror.project)
    assert (await raw.subscribe(f"issue:{mirror.restricted_issue}"))["error"]["code"] == 103
    await mirror.grant("level", "10001")
    await bus.send(GrantsChangedV1(connection_id=mirror.connection, at=utc_now()), mirror.tenant)
    assert "subscribe" in await raw.subscribe(f"issue:{mirror.restricted_issue}")
    position = await bus.send(changed(mirror, access=EventAccess(level="10001")), mirror.tenant)
    assert (await raw.hear_publication())["offset"] == position


async def test_phases_and_exports_have_their_channels(node, mint, bus, mirror):
    user = public_id("usr", new_id())
    async with Raw(node.url) as raw:
        await raw.connect(mint.token(mirror.tenant, sub=user))
        channels = [
            f"connection:{mirror.connection}",
            f"tenant:{mirror.tenant}",
            f"export:{mirror.export}",
            f"user:{user}",
        ]
        positions = [(await raw.subscribe(channel))["subscribe"] for channel in channels]
        assert {position["epoch"].partition(".")[0] for position in positions[:2]} == {"jira"}
        assert {position["epoch"].partition(".")[0] for position in positions[2:]} == {"exports"}
        await bus.send(SyncPhaseChangedV1(connection_id=mirror.connection, phase="live", at=utc_now()), mirror.tenant)
        ended = ExportFinishedV1(export_id=mirror.export, user_id=user, status="finished", at=utc_now())
        await bus.send(ended, mirror.tenant)
        assert {(await raw.hear())["push"]["channel"] for _ in range(4)} == set(channels)


async def test_the_stranger_is_refused_and_hears_nothing(node, mint, bus, mirror):
    """Tenant B asks for everything of tenant A, and for what does not exist: the answers are the same."""
    other = public_id("ten", new_id())
    channels = [
        f"tenant:{mirror.tenant}",
        f"connection:{mirror.connection}",
        mirror.project,
        f"issue:{mirror.issue}",
        f"export:{mirror.export}",
        f"user:{public_id('usr', new_id())}",
        f"issue:{public_id('iss', new_id())}",
        f"export:{public_id('exp', new_id())}",
        f"project:{mirror.connection}:NONE",
    ]
    async with Raw(node.url) as stranger, Raw(node.url) as member:
        await stranger.connect(mint.token(other))
        await member.connect(mint.token(mirror.tenant))
        await member.subscribe(mirror.project)
        answers = [await stranger.subscribe(channel) for channel in channels]
        assert [answer["error"] for answer in answers] == [{"code": 103, "message": "permission denied"}] * len(
            channels
        )
        await bus.send(changed(mirror), mirror.tenant)
        await member.hear_publication()
        with pytest.raises(TimeoutError):
            await stranger.hear(within=0.5)


async def test_restricted_things_are_not_heard_live_nor_recovered_nor_subscribed(raw, bus, mirror):
    start = (await raw.subscribe(mirror.project))["subscribe"]
    assert (await raw.subscribe(f"issue:{mirror.restricted_issue}"))["error"]["code"] == 103
    await bus.send(changed(mirror, access=EventAccess(level="10001")), mirror.tenant)
    await bus.send(commented(mirror, visibility="role:Administrators"), mirror.tenant)
    visible = await bus.send(commented(mirror), mirror.tenant)
    assert (await raw.hear_publication())["offset"] == visible
    await raw.ask(unsubscribe={"channel": mirror.project})
    answer = await raw.subscribe(mirror.project, recover=True, epoch=start["epoch"], offset=start["offset"])
    assert [one["offset"] for one in answer["subscribe"]["publications"]] == [visible]


async def test_an_export_made_with_other_rights_is_a_strangers(raw, mirror):
    other = public_id("exp", new_id())
    await mirror.add_export(other, "another fingerprint")
    assert (await raw.subscribe(f"export:{other}"))["error"]["code"] == 103
    assert "subscribe" in await raw.subscribe(f"export:{mirror.export}")


async def test_the_position_is_told_by_history(raw, bus, mirror):
    await raw.subscribe(mirror.project)
    position = await bus.send(changed(mirror), mirror.tenant)
    await raw.hear_publication()
    history = (await raw.ask(history={"channel": mirror.project, "limit": 0}))["history"]
    assert history == {"epoch": "jira.e1", "offset": position}


async def test_a_deleted_issue_is_told(raw, bus, mirror):
    await raw.subscribe(f"issue:{mirror.issue}")
    facts = changed(mirror).model_dump(exclude={"fields", "changes"})
    await bus.send(IssueDeletedV1(**facts), mirror.tenant)
    assert (await raw.hear_publication())["data"]["type"] == "jira.issue.deleted.v1"


async def test_offsets_of_a_project_never_go_back_although_partitions_interleave(raw, bus, mirror):
    await raw.subscribe(mirror.project)
    events = [changed(mirror, number, issue_id=public_id("iss", new_id())) for number in range(40)]
    positions = [bus.reserve(event) for event in events]
    for event, position in reversed(list(zip(events, positions, strict=True))):
        await bus.send(event, mirror.tenant, position=position)
    heard = [(await raw.hear_publication())["offset"] for _ in events]
    assert heard == positions


async def test_a_gap_is_not_waited_for_for_ever_and_the_late_one_still_comes(start_node, mint, bus, mirror):
    node = await start_node(gap_patience=0.3)
    async with Raw(node.url) as raw:
        await raw.connect(mint.token(mirror.tenant))
        await raw.subscribe(mirror.project)
        missing, present = changed(mirror, 1), changed(mirror, 2)
        gap = bus.reserve(missing)
        position = await bus.send(present, mirror.tenant)
        assert (await raw.hear_publication())["offset"] == position
        await bus.send(missing, mirror.tenant, position=gap)
        late = await raw.hear_publication()
        assert (late["offset"], late["data"]["data"]["position"]) == (position, gap)


async def test_an_event_about_a_connection_of_nobody_here_is_told_to_nobody(node, mint, bus, mirror):
    """Not even to who manages all connections of the tenant that the event names."""
    channel = f"tenant:{mirror.tenant}"
    async with Raw(node.url) as raw:
        await raw.connect(mint.token(mirror.tenant, scopes=["connections:read", "connections:admin"]))
        await raw.subscribe(channel)
        for connection in (public_id("con", new_id()), mirror.connection):
            await bus.send(SyncPhaseChangedV1(connection_id=connection, phase="live", at=utc_now()), mirror.tenant)
        heard = (await raw.hear_publication())["data"]["data"]["connection_id"]
        assert heard == mirror.connection
