"""Browsers sign in, refresh, switch and sign out by cookies alone, and other pages can do none of it for them."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie

import jwt
import pytest

from auth.domain.families import GRACE

NAMES = ("__Host-je_access", "__Host-je_refresh", "__Host-je_csrf")
PAGE = "http://127.0.0.1:8000"


@dataclass
class Browser:
    """Keeps cookies as a browser does, and sends the readable one back in a header."""

    http: object
    kept: dict[str, str] = field(default_factory=dict)
    origin: str = PAGE

    async def send(self, method, path, json=None, *, csrf=True, **headers: str):
        sent = {"Origin": self.origin, "Cookie": "; ".join(f"{n}={v}" for n, v in self.kept.items())}
        if csrf and "__Host-je_csrf" in self.kept:
            sent["X-CSRF-Token"] = self.kept["__Host-je_csrf"]
        answer = await self.http.request(method, f"/api/v1{path}", json=json, headers=sent | headers)
        self.http.cookies.clear()
        for line in answer.headers.get_list("set-cookie"):
            (cookie,) = SimpleCookie(line).values()
            self.kept.pop(cookie.key, None)
            if cookie["max-age"] != "0":
                self.kept[cookie.key] = cookie.value
        return answer

    async def login(self, login, **more: str):
        answer = await self.send("POST", "/auth/login", {**login, "delivery": "cookie", **more})
        assert answer.status_code == 200, answer.text
        return answer


@pytest.fixture
async def browser(auth):
    made = Browser(auth.http)
    await made.login(auth.owner_login)
    return made


async def test_signing_in_sets_three_cookies_and_gives_no_token_away(auth):
    answer = await Browser(auth.http).login(auth.owner_login)
    assert set(answer.json()) == {"token_type", "expires_in", "refresh_expires_in", "session_id"}
    assert answer.headers["cache-control"] == "no-store"
    lines = {line.split("=")[0]: line for line in answer.headers.get_list("set-cookie")}
    assert set(lines) == set(NAMES)
    for name, line in lines.items():
        parts = {part.strip().lower() for part in line.split(";")[1:]}
        assert {"path=/", "secure", "samesite=strict"} <= parts
        assert ("httponly" in parts) is (name != "__Host-je_csrf")
        assert not any(part.startswith("domain") for part in parts)
    assert not any(value in answer.text for value in (line.split("=")[1].split(";")[0] for line in lines.values()))


async def test_reading_needs_the_cookie_alone_and_changing_the_csrf_token_too(browser):
    assert (await browser.send("GET", "/me", csrf=False)).status_code == 200
    refused = await browser.send("PATCH", "/me", {"name": "N"}, csrf=False)
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.csrf")
    assert (await browser.send("PATCH", "/me", {"name": "N"})).json()["name"] == "N"


async def test_refreshing_gives_new_cookies_and_keeps_the_csrf_token_of_the_session(browser):
    before = dict(browser.kept)
    answer = await browser.send("POST", "/auth/refresh")
    assert answer.status_code == 200
    assert "access_token" not in answer.json()
    assert browser.kept["__Host-je_refresh"] != before["__Host-je_refresh"]
    assert browser.kept["__Host-je_csrf"] == before["__Host-je_csrf"]
    assert (await browser.send("PATCH", "/me", {"name": "N"})).status_code == 200


async def test_two_tabs_that_refresh_at_once_stay_signed_in(browser):
    tabs = [Browser(browser.http, dict(browser.kept)) for _ in range(2)]
    answers = await asyncio.gather(*(tab.send("POST", "/auth/refresh") for tab in tabs))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert tabs[0].kept["__Host-je_refresh"] == tabs[1].kept["__Host-je_refresh"]
    mixed = Browser(browser.http, {**tabs[0].kept, "__Host-je_access": tabs[1].kept["__Host-je_access"]})
    assert (await mixed.send("PATCH", "/me", {"name": "N"})).status_code == 200


async def test_a_copied_cookie_used_after_the_grace_ends_the_family_and_takes_the_cookies(auth, browser):
    thief = Browser(auth.http, dict(browser.kept))
    await browser.send("POST", "/auth/refresh")
    auth.clock.move(GRACE + timedelta(seconds=1))
    answer = await thief.send("POST", "/auth/refresh")
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.refresh_token_invalid")
    assert thief.kept == {}
    assert (await browser.send("POST", "/auth/refresh")).status_code == 401
    assert browser.kept == {}


@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/logout"])
@pytest.mark.parametrize("case", ["other origin", "no csrf token", "wrong csrf token", "origin null"])
async def test_another_page_neither_refreshes_nor_signs_out(browser, path, case):
    before = dict(browser.kept)
    headers = {"other origin": {"Origin": "https://evil.example"}, "origin null": {"Origin": "null"}}.get(case, {})
    headers |= {"X-CSRF-Token": "x"} if case == "wrong csrf token" else {}
    refused = await browser.send("POST", path, csrf=case != "no csrf token", **headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.csrf")
    assert browser.kept == before
    assert (await browser.send("GET", "/me")).status_code == 200


async def test_another_page_cannot_sign_a_browser_in(auth):
    page = Browser(auth.http, origin="https://evil.example")
    answer = await page.send("POST", "/auth/login", {**auth.owner_login, "delivery": "cookie"})
    assert (answer.status_code, answer.json()["code"], page.kept) == (403, "auth.csrf", {})


async def test_a_page_of_a_tenant_may(auth):
    owner = await auth.owner()
    tenant = await owner.call("GET", "/tenant")
    change = {"settings": {"cors_origins": ["https://app.example.com"]}}
    headers = {"If-Match": tenant.headers.get("etag", f'"{tenant.json()["version"]}"')}
    assert (await owner.call("PATCH", "/tenant", change, **headers)).status_code == 200
    await Browser(auth.http, origin="https://app.example.com").login(auth.owner_login)


async def test_signing_out_ends_the_session_and_takes_the_cookies(auth, browser):
    kept = dict(browser.kept)
    assert (await browser.send("POST", "/auth/logout")).status_code == 204
    assert browser.kept == {}
    again = Browser(auth.http, kept)
    assert (await again.send("GET", "/me")).status_code == 401
    assert (await again.send("POST", "/auth/refresh")).status_code == 401


async def test_signing_out_works_with_an_ended_access_cookie(auth, browser):
    browser.kept.pop("__Host-je_access")
    assert (await browser.send("POST", "/auth/logout")).status_code == 204
    assert browser.kept == {}


async def test_switching_by_cookie_answers_by_cookie(auth, browser):
    owner = await auth.owner()
    boss = await auth.second_tenant()
    tenant = jwt.decode(boss.signed["access_token"], options={"verify_signature": False})["tenant"]
    del owner
    page = Browser(auth.http)
    await page.login({"email": "boss@example.com", "password": "correct horse battery"})
    before = dict(page.kept)
    answer = await page.send("POST", "/auth/switch", {"tenant": tenant})
    assert answer.status_code == 200
    assert "access_token" not in answer.json()
    assert page.kept["__Host-je_refresh"] != before["__Host-je_refresh"]
    assert page.kept["__Host-je_csrf"] != before["__Host-je_csrf"]
    assert (await page.send("PATCH", "/me", {"name": "N"})).status_code == 200


async def test_header_and_cookie_are_never_mixed(auth, browser):
    body = await auth.owner()
    bearer = {"Authorization": f"Bearer {body.signed['access_token']}"}
    answer = await browser.send("GET", "/me", **bearer)
    assert answer.json()["session_id"] == body.signed["session_id"]
    assert (await browser.send("GET", "/me", Authorization="Bearer x")).status_code == 401
    before = dict(browser.kept)
    refreshed = await browser.send("POST", "/auth/refresh", {"refresh_token": body.signed["refresh_token"]})
    assert refreshed.json()["session_id"] == body.signed["session_id"]
    assert "access_token" in refreshed.json()
    assert browser.kept == before


async def test_tokens_of_the_body_are_no_cookies(auth):
    body = await auth.owner()
    kept = {"__Host-je_access": body.signed["access_token"], "__Host-je_csrf": "x"}
    assert (await Browser(auth.http, kept).send("GET", "/me")).status_code == 401


async def test_a_refresh_without_any_token_is_refused(auth):
    assert (await auth.http.post("/api/v1/auth/refresh", json={})).status_code == 401
    assert (await auth.http.post("/api/v1/auth/refresh")).status_code == 401
