"""Atlassian's 3LO: consent, codes, rotating refresh tokens and what the tokens open."""

from urllib.parse import parse_qs, urlsplit

import pytest

from jira_simulator.http.three_lo import cloud_id

REDIRECT = "http://app.test/callback"
ASKED = {
    "audience": "api.atlassian.com",
    "client_id": "sim-oauth-client",
    "scope": "read:me read:jira-user read:jira-work offline_access",
    "redirect_uri": REDIRECT,
    "state": "a state & more",
    "response_type": "code",
    "prompt": "consent",
}
CLIENT = {"client_id": "sim-oauth-client", "client_secret": "sim-oauth-secret"}
MINUTE = 60_000
DAY = 24 * 60 * MINUTE


@pytest.fixture
async def site(cloud):
    await cloud.door("/oauth", {"redirects": [REDIRECT]})
    return cloud


async def consent(site, account="main", **asked: str):
    answer = await site.guest.post("/authorize", params={**ASKED, **asked}, data={"account": account})
    assert answer.status_code == 302, answer.text
    place = urlsplit(answer.headers["location"])
    assert f"{place.scheme}://{place.netloc}{place.path}" == REDIRECT
    return {name: values[0] for name, values in parse_qs(place.query).items()}


async def exchange(site, code, **more: str):
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **CLIENT, **more}
    return await site.guest.post("/oauth/token", json=body)


async def refresh(site, token, **more: str):
    body = {"grant_type": "refresh_token", "refresh_token": token, **CLIENT, **more}
    return await site.guest.post("/oauth/token", json=body)


async def tokens(site, account="main", **asked: str):
    answer = await exchange(site, (await consent(site, account, **asked))["code"])
    assert answer.status_code == 200, answer.text
    return answer.json()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


async def test_the_page_names_the_scopes_and_sends_back_code_and_state(site):
    page = await site.guest.get("/authorize", params=ASKED)
    assert page.status_code == 200
    assert "read:jira-work" in page.text
    assert (await consent(site))["state"] == "a state & more"


async def test_whoever_cancels_is_sent_back_with_the_error(site):
    assert (await consent(site, "deny"))["error"] == "access_denied"


async def test_the_automatic_mode_asks_nobody(site):
    await site.door("/oauth", {"consent": "auto"})
    answer = await site.guest.get("/authorize", params=ASKED)
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("client_id", "another"),
        ("redirect_uri", REDIRECT + "/"),
        ("redirect_uri", "http://evil.test/"),
        ("audience", "elsewhere"),
        ("response_type", "token"),
        ("prompt", "none"),
        ("state", ""),
        ("scope", "read:everything"),
    ],
)
async def test_what_is_wrong_with_the_request_is_a_page_and_never_a_redirect(site, name, value):
    answer = await site.guest.get("/authorize", params={**ASKED, name: value})
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_code_is_good_once_and_for_its_redirect_address(site):
    code = (await consent(site))["code"]
    wrong = await exchange(site, code, redirect_uri="http://evil.test/")
    assert (wrong.status_code, wrong.json()["error"]) == (403, "invalid_grant")
    assert (await exchange(site, code)).status_code == 200
    assert (await exchange(site, code)).status_code == 403


async def test_a_code_is_forgotten_after_five_minutes(site):
    code = (await consent(site))["code"]
    site.clock.forward(5 * MINUTE)
    assert (await exchange(site, code)).status_code == 403


async def test_the_client_has_to_prove_itself_and_there_are_no_client_credentials(site):
    code = (await consent(site))["code"]
    assert (await exchange(site, code, client_secret="wrong")).status_code == 401
    assert (await exchange(site, code, grant_type="client_credentials")).status_code == 403


async def test_without_offline_access_there_is_no_refresh_token(site):
    made = await tokens(site, scope="read:me read:jira-user")
    assert "refresh_token" not in made
    assert made["expires_in"] == 3600


async def test_each_use_of_a_refresh_token_gives_another(site):
    first = (await tokens(site))["refresh_token"]
    second = (await refresh(site, first)).json()["refresh_token"]
    assert second != first
    assert (await refresh(site, second)).status_code == 200


async def test_a_used_refresh_token_is_borne_for_ten_minutes_and_then_ends_its_family(site):
    first = (await tokens(site))["refresh_token"]
    second = (await refresh(site, first)).json()["refresh_token"]
    site.clock.forward(9 * MINUTE)
    assert (await refresh(site, first)).status_code == 200
    site.clock.forward(2 * MINUTE)
    late = await refresh(site, first)
    assert (late.status_code, late.json()["error"]) == (403, "invalid_grant")
    assert (await refresh(site, second)).status_code == 403


async def test_the_leeway_can_be_shortened(site):
    await site.door("/oauth", {"reuse_leeway_ms": 0})
    first = (await tokens(site))["refresh_token"]
    await refresh(site, first)
    site.clock.forward(5)
    assert (await refresh(site, first)).status_code == 403


async def test_refresh_tokens_end_after_90_quiet_days_and_after_a_year(site):
    quiet = (await tokens(site))["refresh_token"]
    busy = (await tokens(site))["refresh_token"]
    for _ in range(4):
        site.clock.forward(89 * DAY)
        busy = (await refresh(site, busy)).json()["refresh_token"]
    assert (await refresh(site, quiet)).status_code == 403
    site.clock.forward(10 * DAY)
    assert (await refresh(site, busy)).status_code == 403


async def test_the_token_says_who_it_is_and_which_sites_stand_open(site):
    access = bearer((await tokens(site))["access_token"])
    me = (await site.guest.get("/me", headers=access)).json()
    assert me["email"] == "sim@example.com"
    (entry,) = (await site.guest.get("/oauth/token/accessible-resources", headers=access)).json()
    assert entry["url"] == "http://jira.test"
    assert entry["id"] == cloud_id("http://jira.test")
    assert entry["scopes"] == ["read:jira-user", "read:jira-work"]


async def test_without_a_scope_of_jira_no_site_is_named(site):
    access = bearer((await tokens(site, scope="read:me"))["access_token"])
    assert (await site.guest.get("/oauth/token/accessible-resources", headers=access)).json() == []


async def test_the_token_works_through_the_api_host_as_its_account(site):
    place = f"/ex/jira/{cloud_id('http://jira.test')}/rest/api/3"
    main, limited = [bearer((await tokens(site, who))["access_token"]) for who in ("main", "limited")]
    assert (await site.guest.get(f"{place}/myself", headers=main)).json()["emailAddress"] == "sim@example.com"
    found = [(await site.guest.get(f"{place}/project/search", headers=who)).json()["total"] for who in (main, limited)]
    assert found[0] > found[1]


async def test_the_token_opens_neither_the_site_itself_nor_another_site(site):
    access = bearer((await tokens(site))["access_token"])
    assert (await site.guest.get("/rest/api/3/myself", headers=access)).status_code == 401
    assert (await site.guest.get(f"/ex/jira/{cloud_id('other')}/rest/api/3/myself", headers=access)).status_code == 404
    assert (await site.jira.get(f"/ex/jira/{cloud_id('http://jira.test')}/rest/api/3/myself")).status_code == 401


async def test_a_scope_that_was_not_asked_for_is_missing(site):
    place = f"/ex/jira/{cloud_id('http://jira.test')}/rest/api/3"
    access = bearer((await tokens(site, scope="read:me read:jira-work"))["access_token"])
    assert (await site.guest.get(f"{place}/myself", headers=access)).status_code == 401
    assert (await site.guest.get(f"{place}/field", headers=access)).status_code == 200
    refused = await site.guest.post(f"{place}/issue", headers=access, json={"fields": {}})
    assert refused.json()["message"] == "Unauthorized; scope does not match"


async def test_access_tokens_end_after_an_hour_and_when_all_is_revoked(site):
    made = await tokens(site)
    site.clock.forward(60 * MINUTE)
    assert (await site.guest.get("/me", headers=bearer(made["access_token"]))).status_code == 401
    again = (await refresh(site, made["refresh_token"])).json()
    await site.door("/oauth", {"revoke": True})
    assert (await site.guest.get("/me", headers=bearer(again["access_token"]))).status_code == 401
    assert (await refresh(site, again["refresh_token"])).status_code == 403


async def test_data_center_has_none_of_it(datacenter):
    assert (await datacenter.guest.get("/authorize", params=ASKED)).status_code == 404
    assert (await datacenter.guest.post("/oauth/token", json=CLIENT)).status_code == 404
