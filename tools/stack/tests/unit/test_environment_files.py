import os
import stat
import subprocess
import sys
from dataclasses import replace

import pytest

from stack.layout import RunDir, write_private
from stack.plan.endpoints import Endpoints
from stack.plan.options import read_options
from stack.plan.public_env import public_env, read_public_env, write_public_env
from stack.plan.secret_store import load_secrets
from stack.plan.services import SERVICE_NAMES, ServicePlan, as_env_text
from stack.plan.simulators import SimulatorPlan
from stack.ports import Ports
from stack.process import launch

ENDPOINTS = Endpoints(
    admin_dsn="postgresql://postgres:p%20w@127.0.0.1:8032/postgres",
    kafka_bootstrap="127.0.0.1:8034",
    redis_url="redis://127.0.0.1:8033/0",
    s3_endpoint="http://127.0.0.1:8036",
    s3_access_key="key",
    s3_secret_key="secret",
)
PROMISED = (
    "JIRA_EXPORT_URL JIRA_EXPORT_WS_URL JIRA_EXPORT_WEBHOOK_URL SIM_CLOUD_URL SIM_DC_URL DEMO_EMAIL DEMO_PASSWORD "
    "OPERATOR_EMAIL OPERATOR_PASSWORD SIM_EMAIL SIM_TOKEN SIM_DC_USER SIM_DC_PASSWORD DATABASE_URL KAFKA_BOOTSTRAP "
    "REDIS_URL S3_ENDPOINT"
)


@pytest.fixture
def run(tmp_path):
    run = RunDir(tmp_path / "run")
    run.make_folders()
    return run


@pytest.fixture
def plan(run):
    return ServicePlan(run, Ports(9000), load_secrets(run), ENDPOINTS)


def test_every_service_has_its_own_role_ports_and_no_one_elses_keys(plan):
    environments = {name: plan.environment(name) for name in SERVICE_NAMES}
    assert len({env["POSTGRES__DSN"] for env in environments.values()}) == len(SERVICE_NAMES)
    assert len({env["HTTP__PORT"] for env in environments.values()}) == len(SERVICE_NAMES)
    assert {name for name, env in environments.items() if "CRYPTO__MASTER_KEYS" in env} == {"auth", "jira-sync"}
    assert {name for name, env in environments.items() if "S3__SECRET_KEY" in env} == {"export-worker"}
    assert {name for name, env in environments.items() if "CURSOR_SECRET" in env} == {"api-gateway"}
    assert not any("ADMIN_DSN" in env for env in environments.values())


def test_a_service_reaches_the_host_of_the_given_database(plan):
    plan = replace(plan, endpoints=replace(ENDPOINTS, admin_dsn="postgresql://root:x@db.example.com:5433/postgres"))
    assert plan.dsn("auth").startswith("postgresql://je_auth:")
    assert plan.dsn("auth").endswith("@db.example.com:5433/jira_export")


def test_secrets_stay_the_same_from_start_to_start_and_are_private(run):
    first = load_secrets(run).values
    assert load_secrets(run).values == first
    assert stat.S_IMODE(run.secrets.stat().st_mode) == 0o600
    assert len(set(first.values())) == len(first)


def test_a_secret_that_a_newer_version_needs_is_added_and_the_others_kept(run):
    write_private(run.secrets, '{"internal": "as it was"}')
    values = load_secrets(run).values
    assert values["internal"] == "as it was"
    assert len(values["demo_password"]) >= 24


def test_the_files_of_the_services_are_private_and_read_back_as_they_were(plan, run):
    plan.programs()
    for name in SERVICE_NAMES:
        file = run.services / f"{name}.env"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert launch.read_env_file(str(file)) == plan.environment(name)


def test_a_line_break_in_a_setting_is_refused():
    with pytest.raises(ValueError, match="CORS_ORIGINS has a line break"):
        as_env_text({"CORS_ORIGINS": "a\nb"})


def test_the_public_file_holds_every_promised_key(plan):
    simulators = SimulatorPlan(read_options({}, {}, "native"), plan.ports)
    values = public_env(plan, simulators)
    assert set(PROMISED.split()) <= values.keys()
    assert values["JIRA_EXPORT_URL"] == "http://127.0.0.1:9000"
    assert values["JIRA_EXPORT_WS_URL"] == "ws://127.0.0.1:9004/connection/websocket"
    assert values["JIRA_EXPORT_WEBHOOK_URL"] == "http://127.0.0.1:9002/webhooks/jira"
    assert values["SIM_CLOUD_URL"] == "http://127.0.0.1:9020"


def test_a_shell_and_we_read_the_public_file_alike(run):
    values = {"PLAIN": "http://127.0.0.1:8000", "AWKWARD": """it's "$HOME" `id` a=b #c"""}
    write_public_env(run, values)
    command = f". {run.env}; {sys.executable} -c \"import os; print(os.environ['AWKWARD'])\""
    told = subprocess.run(
        ["sh", "-ac", command], capture_output=True, text=True, check=True, env=os.environ | {"HOME": "/x"}
    )
    assert told.stdout.rstrip("\n") == values["AWKWARD"]
    assert read_public_env(run) == values
    assert "PLAIN=http://127.0.0.1:8000\n" in run.env.read_text()
