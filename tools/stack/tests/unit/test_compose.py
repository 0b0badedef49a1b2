import os
import stat

import pytest
import yaml

from stack import compose
from stack.compose import compose_down, compose_up, runs_in_compose, write_compose_files
from stack.errors import StackError
from stack.layout import CHECKOUT, RunDir
from stack.plan.options import read_options
from stack.plan.services import SERVICE_NAMES
from stack.process.launch import read_env_file

FILE = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(compose, "CHECKOUT", tmp_path)
    run = RunDir(tmp_path / ".run")
    run.make_folders()
    return run


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """A docker that writes down how it was called, and answers with the exit code that a file names."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\nexit $(cat {tmp_path}/code)\n')
    program.chmod(0o755)
    (tmp_path / "code").write_text("0")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return tmp_path


def options(**given: str):
    return read_options({"STACK": "compose", "SIM": "none", **given}, {}, "native")


def test_services_in_containers_find_each_other_by_name_and_are_published_on_moved_ports(run):
    origin, _ = write_compose_files(run, options(PORT_BASE="9100"))
    gateway = read_env_file(str(run.services / "api-gateway.env"))
    assert gateway["PEERS__AUTH_URL"] == "http://auth:8001"
    assert gateway["HTTP__HOST"] == "0.0.0.0"  # noqa: S104 - inside a container
    assert gateway["POSTGRES__DSN"].endswith("@postgres:5432/jira_export")
    exports = read_env_file(str(run.services / "export-worker.env"))
    assert (exports["S3__ENDPOINT"], exports["S3__PUBLIC_ENDPOINT"]) == ("http://s3:8333", "http://127.0.0.1:9136")
    assert read_env_file(str(run.root / "compose.env"))["PUBLIC_PORT"] == "9100"
    assert origin.url("notifier") == "http://127.0.0.1:9100"


def test_every_file_that_compose_reads_is_written_and_private(run):
    write_compose_files(run, options())
    named = {path for service in FILE["services"].values() for path in service.get("env_file", [])}
    assert named == {f".run/services/{name}.env" for name in (*SERVICE_NAMES, "bootstrap")}
    for path in (*named, ".run/config/s3.json", ".run/compose.env"):
        file = run.root.parent / path
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0


def test_another_run_directory_is_refused_because_the_file_names_the_usual_one(run, tmp_path):
    with pytest.raises(StackError, match="JIRA_EXPORT_RUN_DIR"):
        write_compose_files(RunDir(tmp_path / "other"), options())


def test_up_starts_the_wanted_containers_and_down_removes_them(run, docker):
    compose_up(run, options(), lambda _line: None)
    compose_down(run)
    up, down = (docker / "calls").read_text().splitlines()
    assert up.endswith(f"up --detach --build --wait {' '.join(SERVICE_NAMES)} nginx")
    assert down.endswith("down")
    assert not runs_in_compose(run)


def test_a_failure_of_docker_is_told_with_the_command(run, docker):
    (docker / "code").write_text("17")
    with pytest.raises(StackError, match=r"up --detach .* ended with 17"):
        compose_up(run, options(), lambda _line: None)


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_services_run_without_rights_on_a_read_only_root(name):
    service = FILE["services"][name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["build"]["args"] == {"SERVICE": name}
    assert service["depends_on"]["bootstrap"]["condition"] == "service_completed_successfully"


def test_every_port_is_published_on_loopback_alone():
    published = [port for service in FILE["services"].values() for port in service.get("ports", [])]
    assert len(published) == 7
    assert all(port.startswith("127.0.0.1:") for port in published)
