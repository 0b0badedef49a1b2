"""The doors of sign-in by other providers: who may set them up, what they show, and what a browser gets."""

from http.cookies import SimpleCookie

import pytest
from bent_provider import SECRET, bent_provider
from federation_steps import COOKIE


@pytest.fixture
async def bent():
    async with bent_provider() as provider:
        yield provider


@pytest.fixture
async def made(door, bent):
    return await door.set_up(**bent.settings())


async def come_back(door, bent, begun, **headers: str):
    bent.nonce = begun.asked["nonce"]
    back = {"code": "c", "state": begun.asked["state"]}
    return await door.come_back(back, begun.cookie, **{"Accept": "text/html", **headers})


async def test_a_browser_gets_cookies_and_goes_on_to_a_page(door, bent, made):
    answer = await come_back(door, bent, await door.begin(made["id"]))
    assert (answer.status_code, answer.headers["location"]) == (303, "http://auth.test/signed-in")
    cookies = {}
    for line in answer.headers.get_list("set-cookie"):
        ((name, morsel),) = SimpleCookie(line).items()
        cookies[name] = morsel
    assert set(cookies) == {"__Host-je_access", "__Host-je_refresh", "__Host-je_csrf", COOKIE}
    assert all(morsel["secure"] and morsel["path"] == "/" and not morsel["domain"] for morsel in cookies.values())
    assert cookies["__Host-je_access"]["samesite"] == "strict"
    assert cookies["__Host-je_access"]["httponly"]
    assert cookies[COOKIE]["max-age"] == "0"
    assert "no-store" in answer.headers["cache-control"]


async def test_the_cookie_of_a_sign_in_is_bound_to_the_host_and_short(auth, door, made):
    morsel = SimpleCookie((await door.begin(made["id"])).answer.headers["set-cookie"])[COOKIE]
    assert (morsel["secure"], morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, True, "lax", "/")
    assert morsel["max-age"] == "600"
    assert not morsel["domain"]


async def test_what_is_asked_of_the_provider_binds_its_answer(door, made):
    asked = (await door.begin(made["id"])).asked
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len(asked["code_challenge"]) == 43
    assert min(len(asked["state"]), len(asked["nonce"])) >= 43
    assert "openid" in asked["scope"].split()


async def test_a_browser_that_is_refused_is_led_to_a_page_with_the_code(door, bent, made):
    bent.claims = {"email": "x@elsewhere.example"}
    answer = await come_back(door, bent, await door.begin(made["id"]))
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "http://auth.test/signed-in?error=auth.no_membership",
    )
    assert not any("je_access" in line for line in answer.headers.get_list("set-cookie"))


async def test_a_browser_returns_to_an_origin_of_the_tenant_and_to_no_other(auth, door, bent, made):
    owner = door.admin
    version = (await owner.call("GET", "/tenant")).headers["etag"]
    change = {"settings": {"cors_origins": ["https://app.example.com"]}}
    assert (await owner.call("PATCH", "/tenant", change, **{"If-Match": version})).status_code == 200
    begun = await door.begin(made["id"], return_to="https://app.example.com/board?x=1")
    assert (await come_back(door, bent, begun)).headers["location"] == "https://app.example.com/board?x=1"
    begun = await door.begin(made["id"], return_to="/board")
    assert (await come_back(door, bent, begun)).headers["location"] == "http://auth.test/board"
    for place in ("https://evil.example/", "//evil.example", "https://app.example.com.evil.example/"):
        answer = await auth.http.get(
            f"/api/v1/auth/oidc/{made['id']}/start", params={"tenant": "demo", "return_to": place}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "auth.return_to_refused")


async def test_the_list_shows_names_and_the_same_for_an_unknown_tenant(auth, door, made):
    shown = (await auth.http.get("/api/v1/auth/providers?tenant=demo")).json()
    start = f"/api/v1/auth/oidc/{made['id']}/start?tenant=demo"
    assert shown == {"items": [{"id": made["id"], "kind": "oidc", "name": "Bent", "start": start}]}
    assert (await auth.http.get("/api/v1/auth/providers?tenant=nobody")).json() == {"items": []}
    await door.admin.call("PATCH", f"/identity-providers/{made['id']}", {"enabled": False})
    assert (await auth.http.get("/api/v1/auth/providers?tenant=demo")).json() == {"items": []}


async def test_the_secret_never_comes_back_and_is_sealed(auth, door, made, test_database):
    answers = [
        (await door.admin.call("GET", "/identity-providers")).text,
        (await door.admin.call("GET", f"/identity-providers/{made['id']}")).text,
        (await door.admin.call("PATCH", f"/identity-providers/{made['id']}", {"name": "Other"})).text,
        str(made),
    ]
    assert all(SECRET not in answer and "secret_set" in answer for answer in answers)
    connection = await test_database.admin()
    try:
        (row,) = await connection.fetch("SELECT client_secret, secret_key_id FROM auth.identity_providers")
    finally:
        await connection.close()
    assert SECRET.encode() not in row["client_secret"]


async def test_another_tenant_neither_sees_nor_uses_a_provider(auth, made):
    operator = await auth.operator()
    body = {"name": "B", "slug": "b", "owner": {"email": "bee@example.com", "password": "correct horse battery"}}
    await operator.call("POST", "/tenants", body)
    other = await auth.client().login("bee@example.com", "correct horse battery")
    path = f"/identity-providers/{made['id']}"
    unknown = made["id"][:-1] + ("0" if made["id"][-1] != "0" else "1")
    for method, change in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        answers = [await other.call(method, place, change) for place in (path, f"/identity-providers/{unknown}")]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert (await other.call("GET", "/identity-providers")).json()["items"] == []
    assert (await auth.http.get(f"/api/v1/auth/oidc/{made['id']}/start?tenant=b")).status_code == 404


async def test_only_administrators_of_people_set_providers_up(auth, door, bent):
    owner = await auth.owner()
    body = {"email": "m@example.com", "password": "correct horse battery", "role": "member"}
    await owner.call("POST", "/users", body)
    member = await auth.client().login("m@example.com", "correct horse battery")
    answer = await member.call("POST", "/identity-providers", bent.settings())
    assert (answer.status_code, answer.json()["code"]) == (403, "access.scope_missing")
    assert bent.calls == []


async def test_rules_that_let_the_world_in_or_make_owners_are_refused(door, bent, made):
    path = f"/identity-providers/{made['id']}"
    public = await door.admin.call("PATCH", path, {"domains": ["gmail.com"]})
    assert (public.status_code, public.json()["code"]) == (422, "auth.public_domain")
    assert (await door.admin.call("PATCH", path, {"domain_role": "owner"})).status_code == 422
    assert (await door.admin.call("PATCH", path, {"site_role": "member"})).json()["code"] == "auth.provider_rules_wrong"
    assert (await door.admin.call("PATCH", path, {"issuer": "https://other.example"})).status_code == 422
    assert (await door.admin.call("PATCH", path, {"domain_role": None})).json()["domain_role"] is None


async def test_a_write_with_the_same_key_sets_up_one_provider(door, bent, made):
    key = {"Idempotency-Key": "set up once"}
    answers = [await door.admin.call("POST", "/identity-providers", bent.settings(), **key) for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"]


async def test_whatever_happens_stands_in_the_audit_log(auth, door, bent, made, test_database):
    await door.admin.call("PATCH", f"/identity-providers/{made['id']}", {"client_secret": "another secret"})
    assert (await come_back(door, bent, await door.begin(made["id"]), Accept="application/json")).status_code == 200
    bent.claims = {"nonce": "x"}
    await come_back(door, bent, await door.begin(made["id"]))
    await door.admin.call("DELETE", f"/identity-providers/{made['id']}")
    connection = await test_database.admin()
    try:
        rows = await connection.fetch("SELECT convert_from(event, 'utf8') AS event FROM auth.outbox ORDER BY seq")
    finally:
        await connection.close()
    events = [row["event"] for row in rows]
    for action in ("provider.created", "provider.changed", "provider.deleted", "member.joined", "session.started"):
        assert any(f'"{action}"' in event for event in events), action
    assert any('"session.refused"' in event and '"auth.id_token_nonce"' in event for event in events)
    assert not any("another secret" in event or SECRET in event for event in events)
