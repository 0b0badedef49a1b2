"""The local stack as its users meet it: what runs where, what a kill does, what a second start does."""

import os
import signal
import subprocess
import sys

import httpx
import psutil
import pytest

from stack.layout import run_dir_from_environment
from stack.plan.public_env import read_public_env
from stack.plan.services import SERVICE_NAMES, ready_question
from stack.ports import Ports
from stack.process.readiness import wait_until_ready
from stack.process.running import PART_NAMES

RUN = run_dir_from_environment()
SIMULATORS = ("sim-cloud", "sim-datacenter")


def pids() -> dict[str, int]:
    return {name: int((RUN.pids / name).read_text()) for name in (*PART_NAMES, *SIMULATORS, *SERVICE_NAMES)}


def stack(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stack", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def test_each_pid_file_names_the_process_itself():
    commands = {name: " ".join(psutil.Process(pid).cmdline()) for name, pid in pids().items()}
    for name in SERVICE_NAMES:
        assert commands[name].endswith(f"-m {name.replace('-', '_')}")
    assert "kafka.Kafka" in commands["kafka"]
    assert "--personality cloud" in commands["sim-cloud"]


def test_the_env_file_leads_to_a_gateway_that_answers_and_a_login_that_works():
    env = read_public_env(RUN)
    url = env["JIRA_EXPORT_URL"]
    assert httpx.get(f"{url}/hello", trust_env=False).json() == {"message": "Привет мир!"}
    login = {"email": env["DEMO_EMAIL"], "password": env["DEMO_PASSWORD"]}
    assert httpx.post(f"{url}/api/v1/auth/login", json=login, trust_env=False, timeout=30).status_code == httpx.codes.OK


def test_a_second_up_starts_no_process_and_makes_no_second_connection():
    before = pids()
    done = stack("up")
    assert done.returncode == 0, done.stdout + done.stderr
    assert pids() == before
    env = read_public_env(RUN)
    with httpx.Client(base_url=f"{env['JIRA_EXPORT_URL']}/api/v1", trust_env=False, timeout=30) as api:
        login = {"email": env["DEMO_EMAIL"], "password": env["DEMO_PASSWORD"]}
        token = api.post("/auth/login", json=login).json()["access_token"]
        items = api.get("/connections", headers={"Authorization": f"Bearer {token}"}).json()["items"]
    addresses = [item["base_url"].rstrip("/") for item in items]
    assert addresses.count(env["SIM_CLOUD_URL"]) == 1
    assert addresses.count(env["SIM_DC_URL"]) == 1


@pytest.mark.parametrize("name", SERVICE_NAMES)
async def test_a_killed_service_is_back_under_a_new_pid_and_ready(name):
    old = pids()[name]
    os.kill(old, signal.SIGKILL)

    async def new_pid() -> str | None:
        return "the pid file is the old one" if pids()[name] == old else None

    await wait_until_ready(RUN, {f"{name} pid": new_pid}, 30)
    port = Ports(int(read_public_env(RUN)["PORT_BASE"])).service(name)
    await wait_until_ready(RUN, {name: ready_question(f"http://127.0.0.1:{port}/health/ready")}, 60)


def test_status_shows_all_of_it_running_and_ready():
    done = stack("status")
    assert done.returncode == 0, done.stdout
    for name in (*SERVICE_NAMES, *PART_NAMES):
        assert name in done.stdout
