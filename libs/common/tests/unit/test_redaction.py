"""No secret is written down: by whatever name, in whatever form, through whatever function of logging."""

import asyncio
import io
import logging
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import orjson
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr, ValidationError

from common.settings import CryptoSettings, LogSettings, PostgresSettings
from common.telemetry import logs, redaction
from common.telemetry.redaction import HIDDEN, know_secrets, redacted, redacted_text

JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
API_TOKEN = "jex_4fQzr8Yx2LmN0pW6vTbKdHs9cGjE1aUoR3iX"
REFRESH = "jer_q83vZ1x-_Ym3kT7wq83vZ1xYm3kT7wq83vZ1xYm3kT7"
MASTER_KEY = "dGVzdC1tYXN0ZXIta2V5LW9mLTMyLWJ5dGVzLWxvbmc="
WEBHOOK = "Vn3k-9fQzr8Yx2LmN0pW6vTbKdHs9cGjE1aUoR3iXyZ"
PASSWORD = "hunter2 with, spaces; and=signs"
SECRETS = (JWT, API_TOKEN, REFRESH, MASTER_KEY, WEBHOOK)

#: How a secret comes to stand in a text; each must be hidden there.
TEXTS = {
    "bearer": f"Authorization: Bearer {JWT}",
    "basic": "Authorization: Basic YWxpY2U6aHVudGVyMg==",
    "basic without digits": "Basic dXNlcjpwYXNz",
    "internal": f"sent Internal {JWT}",
    "api token alone": f"exchange of {API_TOKEN} failed",
    "refresh token alone": f"unknown token {REFRESH}",
    "jwt alone": f"cannot decode {JWT}!",
    "dsn": "cannot connect to postgresql://je_auth:s3cr3t-pass@db:5432/jira_export",
    "dsn with signs": "postgresql://je_auth:s3cr3t:p@ss@db:5432/x",
    "redis": "rediss://:s3cr3t-pass@redis:6379/0",
    "dsn by words": "host=db user=je_auth password=s3cr3t-pass dbname=x",
    "json": f'{{"email": "a@example.com", "password": "{PASSWORD}"}}',
    "json in json": '{"body": "{\\"password\\": \\"s3cr3t-pass\\"}"}',
    "dict": f"{{'refresh_token': '{REFRESH}', 'client_secret': 's3cr3t-pass'}}",
    "headers": f"[('host', 'x'), ('authorization', 'Bearer {JWT}'), ('cookie', 'a=s3cr3t-pass; b=s3cr3t-pass')]",
    "raw headers": "[(b'x-csrf-token', b's3cr3t-pass')]",
    "cookie header": f"Cookie: __Host-je_access={JWT}; __Host-je_csrf=s3cr3t-pass; other=s3cr3t-pass",
    "set-cookie": "Set-Cookie: __Host-je_refresh=s3cr3t-pass; HttpOnly",
    "invitation": "GET https://jira.example.com/invitation?token=s3cr3t-pass",
    "invitation path": "GET /invitation?token=s3cr3t-pass&x=1 HTTP/1.1",
    "code": "callback /auth/oidc/callback?code=s3cr3t-pass&state=s3cr3t-pass",
    "httpx": "Client error '401 Unauthorized' for url 'https://idp.example.com/userinfo?access_token=s3cr3t-pass'",
    "presigned": "https://s3/x.pdf?X-Amz-Credential=AK%2Fs3cr3t-pass&X-Amz-Signature=s3cr3t-pass",
    "form": "grant_type=refresh_token&client_secret=s3cr3t-pass&code_verifier=s3cr3t-pass",
    "master keys": f'CRYPTO__MASTER_KEYS={{"k1":"{MASTER_KEY}"}}',
    "master key alone": f"bad key {MASTER_KEY}",
    "webhook secret alone": f"registered with {WEBHOOK}",
    "settings": "settings.kafka.password='s3cr3t-pass'",
    "pem": "-----BEGIN PRIVATE KEY-----\ns3cr3t-pass\n-----END PRIVATE KEY-----",
    "pydantic": "password\n  String should have at most 3 [type=x, input_value='s3cr3t-pass', input_type=str]",
}
_PLANTED = ("s3cr3t-pass", "s3cr3t:p", "hunter2", "YWxpY2U6", "dXNlcjpwYXNz", *SECRETS)


def leaks(text: str) -> list[str]:
    return [secret for secret in _PLANTED if secret in text]


@pytest.mark.parametrize("name", TEXTS)
def test_a_secret_in_a_text_is_hidden(name: str) -> None:
    assert leaks(TEXTS[name]), "the example holds no secret"
    assert leaks(redacted_text(TEXTS[name])) == []


@pytest.mark.parametrize(
    "text",
    [
        "issue DEMO-12 of con_01h455vb4pex5vsknk084sn02q was not found",
        "req_01h455vb4pex5vsknk084sn02q 4bf92f3577b34da6a3ce929d0e0e4736",
        "018f3c1e-7b5a-7c3d-9e2f-1a2b3c4d5e6f",
        "/api/v1/auth/tokens/{token} took 12.5 ms",
        "https://jira.example.com/rest/api/3/issue/DEMO-12",
        'File "/work/services/auth/src/auth/usecases/refresh_session.py", line 63, in refresh_session',
        "Internal error; tell the operator",
        "SET ROLE je_gateway_keeper",
        "2026-11-23T20:00:00.000Z",
        "What is this? a = b",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert redacted_text(text) == text


@pytest.mark.parametrize(
    "name",
    [
        "password", "new_password", "PASSWD", "access_token", "refresh_token", "csrf", "client_secret", "Authorization",
        "Cookie", "set-cookie", "api_key", "apiKey", "credential", "master_keys", "private_key", "POSTGRES__DSN",
        "webhook_secret", "code_verifier", "input",
    ],
)  # fmt: skip
def test_a_field_named_like_a_secret_is_hidden_however_deep_it_lies(name: str) -> None:
    for value in ("plain", b"plain", ["plain"], {"a": "plain"}, ("plain",), SecretStr("plain")):
        assert redacted({name: value}) == {name: HIDDEN}
        assert "plain" not in str(redacted([{"a": ({"b": [{name: value}]},)}]))


def test_counts_of_secrets_are_no_secrets() -> None:
    assert redacted({"tokens": 3, "has_password": True, "secret": None}) == {
        "tokens": 3,
        "has_password": True,
        "secret": None,
    }


def test_objects_are_hidden_by_what_they_say() -> None:
    class Login(BaseModel):
        email: str
        password: str

    said = redacted([Login(email="a@example.com", password="s3cr3t-pass"), ValueError(JWT), b"Bearer " + JWT.encode()])
    assert leaks(str(said)) == []
    assert "a@example.com" in str(said)


def test_what_cannot_be_shown_harms_nobody() -> None:
    class Odd:
        def __str__(self) -> str:
            raise RuntimeError("no")

    loop: list[Any] = []
    loop.append(loop)
    assert redacted(Odd()) == "<Odd>"
    assert HIDDEN in str(redacted(loop))


@given(st.text(max_size=3_000))
def test_any_text_can_be_looked_through(text: str) -> None:
    redacted_text(text)


@pytest.mark.parametrize(
    "part", ["a", "token", "password=", "Bearer ", "eyJ", '"', "://", "?a=", "-----BEGIN A-----", "aA1"]
)
def test_no_text_takes_long(part: str) -> None:
    started = time.perf_counter()
    redacted_text(part * (60_000 // len(part)))
    assert time.perf_counter() - started < 2.0


def test_secrets_of_the_settings_are_hidden_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction._Known, "pattern", None)
    monkeypatch.setattr(redaction._Known, "values", frozenset())
    text = "the word opensesame and p%40ss-word, p@ss-word, dull-master-key, short"
    assert redacted_text(text) == text
    know_secrets(PostgresSettings(dsn=SecretStr("postgresql://je_auth:p%40ss-word@db/x"), ca_file="short"))
    know_secrets(CryptoSettings(master_keys={"k1": SecretStr("dull-master-key")}, active_key="k1"))
    know_secrets(CryptoSettings(master_keys={"k1": SecretStr("opensesame")}, active_key="k1"))
    assert redacted_text(text) == f"the word {HIDDEN} and {HIDDEN}, {HIDDEN}, {HIDDEN}, short"
    redaction._remembered.cache_clear()


def test_settings_that_are_wrong_do_not_repeat_what_was_given() -> None:
    with pytest.raises(ValidationError) as raised:
        PostgresSettings(dsn=SecretStr("x"), pool_max="s3cr3t-pass")  # type: ignore[arg-type]
    assert leaks(str(raised.value)) == []


@pytest.fixture(params=["json", "text"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is written by logs that are set up as a service does it."""
    root = logging.getLogger()
    before = (root.handlers, root.level, sys.excepthook, structlog.get_config())
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    logs.set_up_logs(LogSettings(format=request.param, level="debug"), service="test")
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers, sys.excepthook = before[0], before[2]
    root.setLevel(before[1])
    structlog.configure(**before[3])


def _raised() -> None:
    try:
        try:
            int(f"inner {JWT}")
        except ValueError as error:
            request = httpx.Request("GET", "https://idp.example.com/x?token=s3cr3t-pass")
            raise httpx.HTTPStatusError(
                f"for url '{request.url}'", request=request, response=httpx.Response(401)
            ) from error
    except httpx.HTTPError as error:
        error.add_note(f"note: password={PASSWORD.split(maxsplit=1)[0]}")
        raise


def _exception(log: Any) -> None:
    try:
        _raised()
    except httpx.HTTPError:
        log.exception("it failed")


def _warned(_: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"odd header Bearer {JWT}", stacklevel=1)


def _crashed(_: Any) -> None:
    try:
        _raised()
    except httpx.HTTPError:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]


def _lost_task(_: Any) -> None:
    async def main() -> None:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "Task exception was never retrieved", "exception": ValueError(f"Bearer {JWT}")}
        )

    asyncio.run(main())


WAYS: dict[str, Callable[[Any], object]] = {
    "debug": lambda log: log.debug("sent", password="s3cr3t-pass"),
    "info": lambda log: log.info("sent", body={"refresh_token": REFRESH, "list": [{"token": "s3cr3t-pass"}]}),
    "warning": lambda log: log.warning("called with Bearer {}".format(JWT)),  # noqa: G001, UP032 - as somebody may write it
    "error": lambda log: log.error("refused", address="postgresql://a:s3cr3t-pass@db/x", raw=JWT.encode()),
    "critical": lambda log: log.critical("gone", error=ValueError(API_TOKEN)),
    "exception": _exception,
    "arguments": lambda log: log.info("user %s sent %s", "a", f"Bearer {JWT}"),
    "bound": lambda log: log.bind(authorization="s3cr3t-pass").info("bound"),
    "stack": lambda log: log.info("stack", stack_info=True, cookie="s3cr3t-pass"),
    "stdlib": lambda _: logging.getLogger("x").warning("failed: %s", {"password": "s3cr3t-pass"}),
    "stdlib exception": lambda _: logging.getLogger("x").error("failed", exc_info=ValueError(f"Bearer {JWT}")),
    "a library's logger": lambda _: logging.getLogger("httpx").warning("GET https://x/y?code=s3cr3t-pass"),
    "warnings": _warned,
    "the end of the interpreter": _crashed,
    "a task nobody waits for": _lost_task,
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_logging_writes_a_secret(written: io.StringIO, way: str) -> None:
    WAYS[way](structlog.get_logger("test"))
    text = written.getvalue()
    assert text, "nothing was written"
    assert leaks(text) == []
    assert HIDDEN in text


def test_a_line_is_still_json_with_its_fields(written: io.StringIO) -> None:
    structlog.get_logger("test").info("request", route="/api/v1/issues", status=200, ms=1.5, ok=True, none=None)
    text = written.getvalue()
    if text.startswith("{"):
        line = orjson.loads(text)
        assert (line["event"], line["route"], line["status"], line["ms"]) == ("request", "/api/v1/issues", 200, 1.5)
        assert (line["ok"], line["none"], line["service"], line["level"]) == (True, None, "test", "info")
