"""What is planted as a secret is found in no log line."""

import json
import subprocess
import sys

_PROGRAM = """
import asyncio, sys
from common.settings import LogSettings
from common.telemetry.logs import set_up_logs
import structlog
set_up_logs(LogSettings(), service="auth")
structlog.get_logger("x").warning("refresh_token_reused", session="ses_1", outcome="family_revoked",
    refresh_token="jer_planted", password="planted-password")
"""


async def test_a_reused_refresh_token_is_audited_without_the_token(auth, capsys):
    owner = await auth.owner()
    first = owner.signed["refresh_token"]
    second = (await owner.refresh(first)).json()
    auth.clock.move(auth.settings.access_token_life)
    await owner.refresh(first)
    out = capsys.readouterr().out
    assert "refresh_token_reused" in out
    assert owner.signed["session_id"] in out
    planted = (first, second["refresh_token"], second["access_token"], auth.owner_login["password"])
    assert not [secret for secret in planted if secret in out]


def test_the_service_log_hides_what_is_named_like_a_secret():
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    line = json.loads((done.stdout + done.stderr).strip().splitlines()[-1])
    assert line["event"] == "refresh_token_reused"
    assert "planted" not in done.stdout + done.stderr
