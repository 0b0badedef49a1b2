"""The parts as containers are those of docker-compose.yml, reached by their published ports."""

import os
from pathlib import Path

import yaml

from common.testing.containers import PARTS, parts_env
from stack.layout import CHECKOUT, RunDir
from stack.plan.options import read_options


def test_every_part_is_a_service_of_docker_compose_with_a_health_check() -> None:
    services = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())["services"]
    assert all("healthcheck" in services[part] for part in PARTS)


def test_tests_reach_the_published_ports(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    run.make_folders()
    env = parts_env(run, read_options({"PORT_BASE": "9000"} | {"PATH": os.environ["PATH"]}, {}, "compose"))
    assert env.postgres_dsn.endswith("@127.0.0.1:9032/postgres")
    assert env.kafka_bootstrap == "127.0.0.1:9034"
    assert env.redis_url == "redis://127.0.0.1:9033/0"
