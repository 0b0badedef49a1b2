"""Every service as a process of its own: requests full of secrets fail in it, and none of them is written anywhere."""

import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from common.db.roles import SERVICE_ROLES

SERVICES = {name: name.replace("-", "_") for name in SERVICE_ROLES}
JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
MASTER_KEY = base64.b64encode(b"planted-master-key-32-bytes-long").decode()
PLANTED = {
    "database": "planted-db-password",
    "redis": "planted-redis-password",
    "kafka": "planted-kafka-password",
    "storage": "planted-storage-secret",
    "internal": "planted-internal-secret-of-forty-characters",
    "cursors": "planted-cursor-secret-of-forty-characters",
    "smtp": "planted-smtp-password",
    "master key": MASTER_KEY,
    "jwt": JWT,
    "api token": "jex_4fQzr8Yx2LmN0pW6vTbKdHs9cGjE1aUoR3iX",
    "cookie": "planted-cookie-value",
    "csrf": "planted-csrf-value",
    "query": "planted-invitation-token",
    "body": "planted-body-password",
    "idempotency": "planted-webhook-signature",
}

#: The service as it is, with one door that fails the way code fails: with what it held in its message and its cause.
_RUN = """
import sys
import httpx
from fastapi import Request
from {package}.main import build
from {package}.settings import Settings
from common.web.serving import run

settings = Settings()
app = build(settings)

async def boom(request: Request) -> None:
    body = await request.body()
    try:
        raise httpx.ConnectError(f"cannot call {{request.url}} with {{dict(request.headers)}} {{request.headers.raw}}")
    except httpx.ConnectError as error:
        secrets = [settings.postgres.dsn.get_secret_value(), settings.internal.secret.get_secret_value()]
        raise RuntimeError(f"{{body!r}} {{secrets}} {{body.decode()}}") from error

app.add_api_route("/api/v1/boom/{{thing}}", boom, methods=["POST"])
app.router.routes.insert(0, app.router.routes.pop())
run(app, settings, service="{package}")
"""


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def environment(service: str, public: int, internal: int, form: str = "json") -> dict[str, str]:
    """Everything that it may be told; all parts are away."""
    nowhere = "http://127.0.0.1:9"
    return {
        "PATH": os.environ["PATH"],
        "POSTGRES__DSN": f"postgresql://{SERVICE_ROLES[service]}:{PLANTED['database']}@127.0.0.1:9/x",
        "POSTGRES__CONNECT_TIMEOUT": "PT1S",
        "KAFKA__BOOTSTRAP": "127.0.0.1:9",
        "KAFKA__SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "KAFKA__USERNAME": "je",
        "KAFKA__PASSWORD": PLANTED["kafka"],
        "REDIS__URL": f"redis://:{PLANTED['redis']}@127.0.0.1:9/0",
        "HTTP__PORT": str(public),
        "HTTP__INTERNAL_PORT": str(internal),
        "TOKENS__JWKS_URL": f"{nowhere}/jwks",
        "INTERNAL__SECRET": PLANTED["internal"],
        "LOG__FORMAT": form,
        "LOG__LEVEL": "debug",
        "CRYPTO__MASTER_KEYS": f'{{"k1":"{MASTER_KEY}"}}',
        "CRYPTO__ACTIVE_KEY": "k1",
        "S3__ENDPOINT": nowhere,
        "S3__ACCESS_KEY": "access",
        "S3__SECRET_KEY": PLANTED["storage"],
        "SMTP__HOST": "127.0.0.1",
        "SMTP__PASSWORD": PLANTED["smtp"],
        "CURSOR_SECRET": PLANTED["cursors"],
        "PUBLIC_URL": nowhere,
        **{f"PEERS__{name}_URL": nowhere for name in ("AUTH", "JIRA_SYNC", "EXPORT_WORKER", "API_GATEWAY")},
    }


@contextmanager
def running(service: str, log: Path, form: str) -> Iterator[str]:
    """The process, with all that it writes in a file."""
    public, internal = free_ports(2)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN.format(package=SERVICES[service])],
            env=environment(service, public, internal, form),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{public}"
            deadline = time.monotonic() + 60
            while True:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                try:
                    httpx.get(f"{url}/health/live", timeout=2)
                except httpx.HTTPError:
                    time.sleep(0.1)
                else:
                    break
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


HEADERS = {
    "Authorization": f"Bearer {JWT}",
    "Cookie": f"__Host-je_access={PLANTED['cookie']}; __Host-je_refresh={PLANTED['cookie']}",
    "X-CSRF-Token": PLANTED["csrf"],
    "X-Hub-Signature": PLANTED["idempotency"],
    "X-Api-Key": PLANTED["api token"],
}
BODY = {"email": "a@example.com", "password": PLANTED["body"], "refresh_token": JWT, "token": PLANTED["query"]}
#: Doors that take secrets; those that a service does not have are 404 there.
PATHS = (
    f"/api/v1/boom/x?token={PLANTED['query']}&code={PLANTED['query']}",
    "/api/v1/auth/login",
    "/api/v1/auth/refresh",
    "/api/v1/auth/invitations/accept",
    f"/api/v1/connections?token={PLANTED['query']}",
    "/api/v1/exports",
    f"/webhooks/x?secret={PLANTED['query']}",
    "/internal/v1/token-exchange",
)


@pytest.mark.parametrize(("service", "form"), [*((name, "json") for name in SERVICES), ("auth", "text")])
def test_a_failing_request_leaves_no_secret_in_the_log(service: str, form: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running(service, log, form) as url:
        answers = [httpx.post(f"{url}{path}", json=BODY, headers=HEADERS, timeout=30) for path in PATHS]
        answers += [httpx.get(f"{url}{path}", headers=HEADERS, timeout=30) for path in ("/health/ready", *PATHS[1:5])]
    written = log.read_text()
    assert answers[0].status_code == 500
    assert answers[0].json()["code"] == "server.error"
    assert "RuntimeError" in written
    assert "ConnectError" in written
    assert {name for name, secret in PLANTED.items() if secret in written} == set()
    for answer in answers:
        told = answer.text + str(answer.headers)
        assert {name for name, secret in PLANTED.items() if secret in told} == set()


_READ = """
import os, traceback
from {package}.settings import Settings
for name in {names!r}:
    before = os.environ.get(name)
    os.environ[name] = {wrong!r}
    try:
        Settings()
    except Exception:
        traceback.print_exc()
    os.environ.pop(name) if before is None else os.environ.update({{name: before}})
"""


@pytest.mark.parametrize("service", SERVICES)
def test_settings_that_are_wrong_are_told_without_what_they_hold(service: str) -> None:
    wrong = f'{{"k1": "{MASTER_KEY}" broken {PLANTED["database"]}'
    names = ["POSTGRES__POOL_MAX", "HTTP__PORT", "CRYPTO__MASTER_KEYS", "S3__PUBLIC_ENDPOINT", "POSTGRES"]
    run = [sys.executable, "-c", _READ.format(package=SERVICES[service], names=names, wrong=wrong)]
    ended = subprocess.run(run, env=environment(service, 1, 2), capture_output=True, timeout=60, check=True)
    written = (ended.stdout + ended.stderr).decode()
    assert "pool_max" in written
    assert {secret for secret, value in PLANTED.items() if value in written} == set()
