"""Hostile requests against the running system: 4xx with a code each, never a 5xx, and nobody's data."""

import base64
import hashlib
import hmac
import json
import random
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hostile_requests import BROKEN_BODIES, HOSTILE_IDS, HOSTILE_TEXTS, Operation, faults_of, operations

from common.testing.system import System

_SECONDS = 12.0
#: All that may be asked without being signed in: ways in, and ways back in.
_PUBLIC = tuple(
    f"/api/v1/auth/{way}"
    for way in (
        *("login", "refresh", "logout", "providers", "password/forgot", "password/reset", "invitations/accept"),
        *("oidc/{provider}/start", "oidc/callback", "oidc/callback/atlassian"),
    )
)


class Attacker:
    """Signed in by a session of its own, which a lucky shot may end; collects what was odd."""

    def __init__(self, system: System) -> None:
        self.system = System(system.run, system.env, system.client).login()
        self.operations = operations(system.client.get(f"{system.url}/openapi.json").json())
        self.odd: list[str] = []
        self.sent = 0

    def send(self, method: str, path: str, what: str, **more: Any) -> httpx.Response:
        more["headers"] = {"Authorization": f"Bearer {self.system.tokens['access_token']}"} | more.get("headers", {})
        answer = self.system.client.request(method, f"{self.system.url}{path}", **more)
        self.sent += 1
        self.odd += [f"{method} {path[:90]} ({what[:60]}): {answer.status_code} {said}" for said in faults_of(answer)]
        return answer

    def send_json(self, operation: Operation, body: Any, what: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        answer = self.send(operation.method, operation.address(), what, content=content, headers=headers)
        if answer.status_code == httpx.codes.UNAUTHORIZED and operation.path not in _PUBLIC:
            self.system.login()
        return answer


@pytest.fixture
def attacker(system: System) -> Iterator[Attacker]:
    found = Attacker(system)
    yield found
    assert found.odd == [], f"{len(found.odd)} of {found.sent} answers were odd"


def within(seconds: float, cases: Iterator[Any]) -> Iterator[Any]:
    """Cases until the time is over; fails when a slow system let too few of them through."""
    end, done = time.monotonic() + seconds, 0
    for case in cases:
        yield case
        done += 1
        if time.monotonic() > end:
            break
    assert done > 100, f"only {done} cases in {seconds} s"


def test_broken_bodies_are_refused_with_a_reason(attacker: Attacker) -> None:
    takers = [operation for operation in attacker.operations if operation.fields is not None]
    assert len(takers) > 8
    cases = [(operation, name) for name in BROKEN_BODIES for operation in takers]
    random.Random(1).shuffle(cases)
    for operation, name in within(_SECONDS, iter(cases)):
        answer = attacker.send_json(operation, BROKEN_BODIES[name], name)
        # A body may be left out where nothing in it is needed; everywhere else each of these is wrong.
        assert answer.status_code >= 400 or not operation.required, f"{operation} took {name}"


def test_hostile_values_in_each_field_are_refused_or_taken_but_break_nothing(attacker: Attacker) -> None:
    dice = random.Random(2)
    cases = [
        (operation, body)
        for operation in attacker.operations
        if operation.fields is not None
        for body in operation.bodies(dice, 6)
    ]
    dice.shuffle(cases)
    for operation, body in within(_SECONDS, iter(cases)):
        attacker.send_json(operation, body, repr(body))


def test_hostile_query_values_are_refused_or_find_nothing(attacker: Attacker) -> None:
    cases = [
        (operation, name, value)
        for operation in attacker.operations
        for name in (*operation.query, "no_such_parameter")
        for value in HOSTILE_TEXTS
        if operation.method == "GET"
    ]
    random.Random(3).shuffle(cases)
    for operation, name, value in within(_SECONDS, iter(cases)):
        attacker.send("GET", f"{operation.address()}?{name}={value}", f"{name}={value}")


def test_hostile_ids_lead_nowhere(attacker: Attacker) -> None:
    cases = [(operation, ident) for operation in attacker.operations for ident in HOSTILE_IDS if "{" in operation.path]
    random.Random(4).shuffle(cases)
    for operation, ident in within(_SECONDS, iter(cases)):
        body = b"{}" if operation.fields is not None else None
        headers = {"Content-Type": "application/json"} if body else {}
        answer = attacker.send(operation.method, operation.address(ident), ident, content=body, headers=headers)
        assert answer.status_code >= 400, f"{operation.method} {operation.path} found {ident[:40]}"


def test_methods_that_a_path_does_not_have_are_refused(attacker: Attacker) -> None:
    has: dict[str, set[str]] = {}
    for operation in attacker.operations:
        has.setdefault(operation.path, set()).add(operation.method)
    addresses = {operation.path: operation.address() for operation in attacker.operations}
    for path, methods in has.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - methods:
            answer = attacker.send(method, addresses[path], "method")
            assert answer.status_code in {404, 405}, f"{method} {path}: {answer.status_code}"


def test_without_a_token_only_the_public_doors_answer(attacker: Attacker) -> None:
    for operation in attacker.operations:
        if not operation.path.startswith("/api/") or operation.path in _PUBLIC:
            continue
        answer = attacker.send(operation.method, operation.address(), "no token", headers={"Authorization": ""})
        assert answer.status_code == httpx.codes.UNAUTHORIZED, f"{operation.method} {operation.path}"
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_cursors_of_others_are_refused(attacker: Attacker, system: System) -> None:
    good = system.get("/issues?limit=1")["next_cursor"]
    connection = system.get("/connections")["items"][0]["id"]
    for path in ("/issues", f"/connections/{connection}/users", "/exports"):
        for cursor in (good[:-1], good[::-1], good + "A", "e30", "AAAA.BBBB", "=" * 50):
            answer = attacker.send("GET", f"/api/v1{path}?cursor={cursor}", f"cursor {cursor}")
            assert answer.status_code in {400, 410, 422}, f"{path} took {cursor}"
    assert attacker.send("GET", f"/api/v1/exports?cursor={good}", "another list's").status_code in {400, 422}
    assert attacker.send("GET", f"/api/v1/issues?limit=1&sort=key&cursor={good}", "other sort").status_code >= 400


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _load(part: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def _hmac_signed(key: bytes, header: dict[str, Any], claims: dict[str, Any]) -> str:
    text = f"{_part(header)}.{_part(claims)}"
    return f"{text}.{_part(hmac.new(key, text.encode(), hashlib.sha256).digest())}"


def forged_tokens(access: str, refresh: str, jwk: dict[str, Any]) -> dict[str, str]:
    """A good token's parts put together wrongly."""
    head, body, signature = access.split(".")
    header, claims = _load(head), _load(body)
    public = base64.urlsafe_b64decode(jwk["x"] + "==")
    nobody = _part(b"0" * 64)
    return {
        "none": f"{_part({'alg': 'none', 'typ': 'at+jwt'})}.{body}.",
        "oddly written none": f"{_part({**header, 'alg': 'nOnE'})}.{body}.{signature}",
        "hmac with the public key": _hmac_signed(public, {**header, "alg": "HS256"}, claims),
        "hmac with the key's text": _hmac_signed(json.dumps(jwk).encode(), {**header, "alg": "HS256"}, claims),
        "somebody else": f"{head}.{_part({**claims, 'sub': 'usr_' + '0' * 26})}.{signature}",
        "another tenant": f"{head}.{_part({**claims, 'tenant': 'ten_' + '0' * 26})}.{signature}",
        "more scopes": f"{head}.{_part({**claims, 'scopes': ['tenants:admin']})}.{signature}",
        "a later end": f"{head}.{_part({**claims, 'exp': claims['exp'] + 9999})}.{signature}",
        "kid as a path": f"{_part({**header, 'kid': '../../../../dev/null'})}.{body}.{signature}",
        "kid as SQL": f"{_part({**header, 'kid': chr(39) + ' OR 1=1 --'})}.{body}.{signature}",
        "kid as an object": f"{_part({**header, 'kid': {'a': 1}})}.{body}.{signature}",
        "key in the header": f"{_part({**header, 'jwk': jwk})}.{body}.{nobody}",
        "address of keys": f"{_part({**header, 'jku': 'http://127.0.0.1:1/jwks'})}.{body}.{nobody}",
        "claims as a list": f"{head}.{_part([1])}.{signature}",
        "no signature": f"{head}.{body}.",
        "zero signature": f"{head}.{body}.{_part(bytes(64))}",
        "four parts": f"{access}.x",
        "empty": "",
        "huge": "a" * 20_000,
        "refresh as access": refresh,
    }


def test_forged_altered_and_misused_tokens_get_401(attacker: Attacker, system: System) -> None:
    header, claims = (_load(part) for part in system.tokens["access_token"].split(".")[:2])
    assert header["alg"] == "EdDSA"
    assert claims["exp"] - claims["iat"] <= 600
    keys = system.client.get(f"{system.url}/.well-known/jwks.json").json()["keys"]
    jwk = next(key for key in keys if key["kid"] == header["kid"])
    assert "d" not in jwk, "the private key is published"
    forged = forged_tokens(system.tokens["access_token"], system.tokens["refresh_token"], jwk)
    for name, token in forged.items():
        for path in ("/api/v1/issues?limit=1", "/api/v1/me", "/api/v1/exports"):
            answer = attacker.send("GET", path, name, headers={"Authorization": f"Bearer {token}".strip()})
            assert answer.status_code == httpx.codes.UNAUTHORIZED, f"{name} on {path}: {answer.status_code}"


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil\r\nConnection: close\r\n\r\n",
        b"GET /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nX",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /hello HTTP/1.1\r\nHost: a\r\nX-Big: " + b"b" * 200_000 + b"\r\n\r\n",
        b"GET http://evil.example/api/v1/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n{}",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /hello HTTP/9.9\r\n\r\n",
    ],
    ids=["host", "two lengths", "long address", "long header", "absolute address", "bad length", "tls", "version"],
)
def test_requests_that_are_hardly_http_get_no_500(system: System, raw: bytes) -> None:
    door = urlsplit(system.url)
    with socket.create_connection((str(door.hostname), int(door.port or 80)), 5) as connection:
        connection.sendall(raw)
        connection.settimeout(5)
        try:
            answer = connection.recv(65_536)
        except OSError:
            answer = b""
    assert b" 500" not in answer.split(b"\r\n")[0]
    assert b"evil" not in answer
    assert system.client.get(f"{system.url}/hello").status_code == httpx.codes.OK


def test_a_body_above_the_limit_is_413_and_nothing_of_it_is_kept(attacker: Attacker) -> None:
    for path in ("/api/v1/auth/login", "/api/v1/issues/search", "/api/v1/exports", "/api/v1/connections"):
        body = b'{"email":"' + b"a" * 30_000_000 + b'"}'
        try:
            answer = attacker.send("POST", path, "30 MB", content=body, headers={"Content-Type": "application/json"})
        except httpx.HTTPError:  # the door may close on a sender that does not stop
            continue
        assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE, path


def test_strange_origins_are_not_let_in(attacker: Attacker) -> None:
    for origin in ("https://evil.example.com", "null"):
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        answer = attacker.system.client.options(f"{attacker.system.url}/api/v1/issues", headers=asked)
        assert answer.headers.get("access-control-allow-origin") not in {"*", origin}
        answer = attacker.send("GET", "/api/v1/issues?limit=1", "origin", headers={"Origin": origin})
        assert answer.headers.get("access-control-allow-origin") not in {"*", origin}


def test_forged_webhooks_are_refused(system: System) -> None:
    connection = system.get("/connections")["items"][0]["id"]
    door = system.env["JIRA_EXPORT_WEBHOOK_URL"]
    body = b'{"webhookEvent":"jira:issue_deleted","issue":{"id":"10000"}}'
    forged = "sha256=" + hmac.new(b"guess", body, hashlib.sha256).hexdigest()
    for headers in ({}, {"X-Hub-Signature": forged}, {"X-Hub-Signature": "sha1=x"}, {"X-Hub-Signature": "é".encode()}):
        answer = system.client.post(f"{door}/{connection}", content=body, headers=headers)
        assert answer.status_code == httpx.codes.UNAUTHORIZED, answer.text
        assert faults_of(answer) == []
    for ident in ("x", "con_" + "0" * 26, "%00", "a" * 3_000):
        answer = system.client.post(f"{door}/{ident}", content=body)
        assert 400 <= answer.status_code < 500
        assert faults_of(answer) == []


def test_wrong_passwords_are_slowed_with_a_time_to_come_back(system: System) -> None:
    wrong = {"email": "nobody@example.com", "password": "wrong wrong wrong"}
    for _ in range(20):
        answer = system.client.post(f"{system.url}/api/v1/auth/login", json=wrong)
        assert answer.status_code in {401, 429}
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            assert int(answer.headers["retry-after"]) > 0
            return
    pytest.fail("20 wrong passwords for one account are not slowed")
