"""Sign in with Atlassian, against the simulator's accounts: by domain, or by a Jira site that the tenant connected."""

import uuid
from datetime import UTC, datetime

import httpx
import pytest
from federation_steps import me_of
from openid_provider import query_of

from jira_simulator.testing import running_simulator_async

CALLBACK = "http://auth.test/api/v1/auth/oidc/callback/atlassian"
PATH = "/api/v1/auth/oidc/callback/atlassian"
APP = {"kind": "atlassian", "name": "Atlassian", "client_id": "sim-oauth-client", "client_secret": "sim-oauth-secret"}


@pytest.fixture(scope="module")
async def simulator():
    async with running_simulator_async("cloud", issues=5, oauth_redirects=CALLBACK, oauth_consent="auto") as running:
        yield running


@pytest.fixture
def settings(settings, simulator):
    simulator.door("POST", "/oauth", {"account": "main", "account_status": "active", "sites_open": True})
    hosts = {"atlassian_auth_url": simulator.base_url, "atlassian_api_url": simulator.base_url}
    return settings.model_copy(update={"federation": settings.federation.model_copy(update=hosts)})


async def sign_in(door, made):
    begun = await door.begin(made["id"])
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(begun.location)
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith(CALLBACK)
    return await door.come_back(query_of(answer.headers["location"]), begun.cookie, PATH)


async def connect_site(test_database, address, **more: object):
    """As jira-sync writes it; only what auth may read matters here."""
    row = {"address": address, "deployment": "cloud", "deleted": None, **more}
    connection = await test_database.admin()
    try:
        await connection.execute(
            "INSERT INTO jira.connections (tenant_id, connection_id, name, base_url, deployment, site, auth_method,"
            " account, phase, created_at, updated_at, deleted_at)"
            " SELECT tenant_id, $1, 'x', $2, $3, $2, 'api_token', 'x', 'live', now(), now(), $4"
            " FROM auth.tenants WHERE slug = 'demo'",
            uuid.uuid4(),
            row["address"],
            row["deployment"],
            row["deleted"],
        )
    finally:
        await connection.close()


async def test_a_person_of_the_domain_signs_in(auth, door):
    made = await door.set_up(**APP, domains=["example.com"], domain_role="viewer")
    signed = await sign_in(door, made)
    assert signed.status_code == 200, signed.text
    me = await me_of(auth, signed.json())
    assert (me["email"], me["role"]) == ("sim@example.com", "viewer")
    assert made["callback"] == CALLBACK


async def test_a_person_of_a_connected_site_signs_in(auth, door, test_database, simulator):
    made = await door.set_up(**APP, site_role="member")
    assert (await sign_in(door, made)).json()["code"] == "auth.no_membership"
    await connect_site(test_database, simulator.base_url)
    assert (await me_of(auth, (await sign_in(door, made)).json()))["role"] == "member"


async def test_only_living_connections_of_cloud_count(auth, door, test_database, simulator):
    made = await door.set_up(**APP, site_role="member")
    await connect_site(test_database, simulator.base_url, deleted=datetime.now(UTC))
    await connect_site(test_database, simulator.base_url, deployment="datacenter")
    await connect_site(test_database, "https://another.atlassian.net")
    assert (await sign_in(door, made)).json()["code"] == "auth.no_membership"


async def test_a_person_without_access_to_the_site_stays_outside(auth, door, test_database, simulator):
    made = await door.set_up(**APP, site_role="member")
    await connect_site(test_database, simulator.base_url)
    simulator.door("POST", "/oauth", {"sites_open": False})
    assert (await sign_in(door, made)).json()["code"] == "auth.no_membership"


async def test_an_account_that_is_not_active_vouches_for_no_address(door, simulator):
    made = await door.set_up(**APP, domains=["example.com"], domain_role="viewer")
    simulator.door("POST", "/oauth", {"account_status": "inactive"})
    assert (await sign_in(door, made)).json()["code"] == "auth.email_not_verified"


async def test_the_answer_of_atlassian_counts_at_its_own_address_alone(door):
    made = await door.set_up(**APP, domains=["example.com"], domain_role="viewer")
    begun = await door.begin(made["id"])
    async with httpx.AsyncClient(trust_env=False) as browser:
        back = query_of((await browser.get(begun.location)).headers["location"])
    assert (await door.come_back(back, begun.cookie)).json()["code"] == "auth.issuer_mismatch"


async def test_a_wrong_client_secret_is_the_installations_fault(door):
    made = await door.set_up(**{**APP, "client_secret": "wrong"}, domains=["example.com"], domain_role="viewer")
    answer = await sign_in(door, made)
    assert (answer.status_code, answer.json()["code"]) == (502, "auth.client_refused")
