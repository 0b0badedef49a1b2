"""Reports to Sentry by its real SDK, caught on their way out: without secrets, bodies, headers, local variables."""

import logging
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import sentry_sdk
from pydantic import SecretStr
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from common.settings import SentrySettings
from common.telemetry.context import working
from common.telemetry.reporting import scrubbed, set_up_reports

JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
SECRET = "s3cr3t-pass"


class Kept(Transport):
    """Keeps what would go out."""

    sent: list[bytes] = []  # noqa: RUF012 - one for the test

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope.serialize())

    def flush(self, *_: Any, **__: Any) -> None:
        return None


@pytest.fixture
def sent() -> Iterator[list[bytes]]:
    Kept.sent = []
    settings = SentrySettings(dsn=SecretStr("https://0123456789abcdef0123456789abcdef@sentry.example.com/1"))
    assert set_up_reports(settings, service="auth", transport=Kept)
    yield Kept.sent
    sentry_sdk.get_client().close()
    sentry_sdk.init()


def whole(sent: list[bytes]) -> str:
    return b"\n".join(sent).decode()


def test_nothing_is_set_up_without_a_dsn() -> None:
    assert not set_up_reports(SentrySettings(), service="auth")
    assert not sentry_sdk.get_client().is_active()


def test_an_error_goes_out_without_what_it_held(sent: list[bytes]) -> None:
    def sign_in(password: str) -> None:
        local = {"refresh_token": password}
        raise RuntimeError(f"cannot send Bearer {JWT} to postgresql://je_auth:{SECRET}@db/x as {len(local)}")

    logging.getLogger("x").warning("before: password=%s", SECRET)
    with working(request_id="mine"):
        sentry_sdk.set_extra("headers", {"Authorization": f"Bearer {JWT}", "Cookie": f"a={SECRET}"})
        try:
            sign_in(SECRET)
        except RuntimeError:
            logging.getLogger("x").exception("failed with %s", {"client_secret": SECRET})
    text = whole(sent)
    assert "RuntimeError" in text
    assert '"request_id":"mine"' in text
    assert '"vars"' not in text
    assert SECRET not in text
    assert JWT not in text
    assert "sign_in" in text


def test_of_a_request_only_method_and_path_are_left() -> None:
    event = {
        "event_id": "0" * 32,
        "timestamp": "2026-11-23T20:00:00Z",
        "request": {
            "method": "POST",
            "url": f"https://x/invitation?token={SECRET}",
            "query_string": f"token={SECRET}",
            "headers": {"authorization": f"Bearer {JWT}"},
            "cookies": {"a": SECRET},
            "data": {"password": SECRET},
            "env": {"REMOTE_ADDR": "192.0.2.1"},
        },
        "user": {"ip_address": "192.0.2.1", "email": "a@example.com"},
        "exception": {"values": [{"value": SECRET.join(["password=", ""]), "stacktrace": {"frames": [{"lineno": 1}]}}]},
    }
    clean = scrubbed(event, {})
    assert clean["request"] == {"method": "POST", "url": "https://x/invitation"}
    assert clean["exception"]["values"][0]["stacktrace"]["frames"] == [{"lineno": 1}]
    text = orjson.dumps(clean).decode()
    assert not [word for word in (SECRET, JWT, "192.0.2.1", "a@example.com") if word in text]
    assert clean["event_id"] == "0" * 32
