"""The channels of tenant A, tried by the owner of tenant B over a real socket."""

from collections.abc import Iterator

import pytest
from surface.channels import channels, never_channel, untaught
from surface.sockets import Socket
from two_tenants import TwoTenants

from common.testing.system import System


@pytest.fixture
def socket_of_b(system: System, two_tenants: TwoTenants) -> Iterator[Socket]:
    with Socket(system.env["JIRA_EXPORT_WS_URL"], two_tenants.intruder) as socket:
        yield socket


def test_every_kind_of_channel_is_known() -> None:
    assert untaught() == []


def test_channels_of_another_tenant_are_answered_as_if_they_never_were(
    two_tenants: TwoTenants, socket_of_b: Socket
) -> None:
    for channel in channels(two_tenants.a):
        answer = socket_of_b.subscribe(channel)
        assert "error" in answer, f"{channel}: {answer}"
        assert answer == socket_of_b.subscribe(never_channel(channel)), channel


def test_a_channel_name_with_ids_of_both_tenants_leads_nowhere(two_tenants: TwoTenants, socket_of_b: Socket) -> None:
    key = two_tenants.a.issue["project"]["key"]
    for channel in (f"project:{two_tenants.b.tenant.connection}:{key}",):
        answer = socket_of_b.subscribe(channel)
        assert "error" in answer, f"{channel}: {answer}"
        assert answer == socket_of_b.subscribe(channel + "NEVER"), channel


def test_a_change_in_one_tenant_is_not_heard_in_the_other(
    system: System, two_tenants: TwoTenants, socket_of_b: Socket
) -> None:
    """Both hear of the shared issue that changed in Jira, each of its own copy only."""
    own = [channel for channel in channels(two_tenants.b) if "error" not in socket_of_b.subscribe(channel)]
    assert len(own) >= 5
    system.simulator("datacenter").edit(two_tenants.b.issue["key"], comment="a word for both")
    system.simulator("datacenter").edit(two_tenants.a.issue["key"], comment="a word for one")
    issue = two_tenants.a.issue["id"]
    two_tenants.a.tenant.owner.wait(
        f"/issues/{issue}/comments?limit=200",
        lambda page: any("a word for one" in one["body"]["text"] for one in page["items"]),
    )
    socket_of_b.listen(2)
    said = "\n".join(socket_of_b.raw)
    assert two_tenants.b.issue["id"] in said
    assert [known for known in two_tenants.ids_of_a if known in said] == []
