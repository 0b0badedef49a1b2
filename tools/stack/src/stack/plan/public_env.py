"""Takes a running stack's plans; gives `.run/env`, the file by which other programs find it."""

import shlex
from collections.abc import Mapping

from stack.layout import RunDir, write_private
from stack.plan.services import DEMO_EMAIL, NEIGHBOUR_EMAIL, OPERATOR_EMAIL, ServicePlan
from stack.plan.simulators import CLOUD_EMAIL, CLOUD_TOKEN, DATACENTER_PASSWORD, DATACENTER_USER, SimulatorPlan


def public_env(services: ServicePlan, simulators: SimulatorPlan) -> dict[str, str]:
    personalities = simulators.options.personalities
    return {
        "JIRA_EXPORT_URL": services.url("api-gateway"),
        "JIRA_EXPORT_WS_URL": f"{services.url('notifier').replace('http', 'ws', 1)}/connection/websocket",
        "JIRA_EXPORT_WEBHOOK_URL": f"{services.url('jira-sync')}/webhooks/jira",
        "NOTIFIER_URL": services.url("notifier"),
        "SIM_CLOUD_URL": simulators.url("cloud") if "cloud" in personalities else "",
        "SIM_DC_URL": simulators.url("datacenter") if "datacenter" in personalities else "",
        "DEMO_EMAIL": DEMO_EMAIL,
        "DEMO_PASSWORD": services.secrets["demo_password"],
        "NEIGHBOUR_EMAIL": NEIGHBOUR_EMAIL,
        "NEIGHBOUR_PASSWORD": services.secrets["neighbour_password"],
        "OPERATOR_EMAIL": OPERATOR_EMAIL,
        "OPERATOR_PASSWORD": services.secrets["operator_password"],
        "SIM_EMAIL": CLOUD_EMAIL,
        "SIM_TOKEN": CLOUD_TOKEN,
        "SIM_DC_USER": DATACENTER_USER,
        "SIM_DC_PASSWORD": DATACENTER_PASSWORD,
        "DATABASE_URL": services.endpoints.database_url,
        "KAFKA_BOOTSTRAP": services.endpoints.kafka_bootstrap,
        "REDIS_URL": services.endpoints.redis_url,
        "S3_ENDPOINT": services.endpoints.s3_endpoint,
        "S3_ACCESS_KEY": services.endpoints.s3_access_key,
        "S3_SECRET_KEY": services.endpoints.s3_secret_key,
        "S3_REGION": services.endpoints.s3_region,
        "S3_BUCKET": services.endpoints.s3_bucket,
        "PORT_BASE": str(services.ports.base),
    }


def write_public_env(run: RunDir, values: Mapping[str, str]) -> None:
    """A shell can source it; readers that only split at the first sign of equality strip the quotes."""
    write_private(run.env, "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items()))


def read_public_env(run: RunDir) -> dict[str, str]:
    lines = run.env.read_text().splitlines() if run.env.exists() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {name: "".join(shlex.split(value)) for name, value in pairs}
