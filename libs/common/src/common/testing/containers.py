"""The parts as containers, where a Docker engine runs: the same images that docker-compose.yml names.

Chosen with `JIRA_EXPORT_TEST_PARTS=containers`; tests that stop a part need the native ones.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from testcontainers.compose import DockerCompose

from stack.compose import outside_endpoints, write_compose_files
from stack.layout import CHECKOUT, RunDir
from stack.parts import PartsEnv
from stack.plan.options import Options
from stack.plan.secret_store import load_secrets
from stack.ports import Ports

PARTS = ["postgres", "redis", "kafka", "s3"]


@contextmanager
def parts_in_containers(options: Options) -> Iterator[PartsEnv]:
    """Starts them, waits for their health checks, and takes them down again; raises where no engine answers."""
    run = RunDir(CHECKOUT / ".run")
    run.make_folders()
    write_compose_files(run, options)
    compose = DockerCompose(CHECKOUT, services=PARTS, env_file=str(run.root / "compose.env"))
    with compose:
        yield parts_env(run, options)


def parts_env(run: RunDir, options: Options) -> PartsEnv:
    """How tests on this machine reach the published ports."""
    secrets = load_secrets(run)
    outside = outside_endpoints(secrets, Ports(options.port_base))
    return PartsEnv(
        run_dir=run.root,
        postgres_dsn=outside.admin_dsn,
        redis_url=outside.redis_url,
        kafka_bootstrap=outside.kafka_bootstrap,
        s3_endpoint=outside.s3_endpoint,
        s3_region=outside.s3_region,
        s3_access_key=outside.s3_access_key,
        s3_secret_key=outside.s3_secret_key,
    )
