"""The files of deploy/: every setting that a service must have is given, and nobody gets another's secret."""

import importlib
import json
import re
from collections.abc import Iterator, Mapping

import jsonschema
import pytest
import yaml
from pydantic import BaseModel
from pydantic_settings import BaseSettings

from common.bootstrap import BootstrapSettings
from stack.layout import CHECKOUT
from stack.plan.services import SERVICE_NAMES

CHART = CHECKOUT / "deploy" / "helm" / "jira-export"
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
DEV = yaml.safe_load((CHART / "ci" / "dev-values.yaml").read_text())
CONFIG = (CHART / "templates" / "config.yaml").read_text()
NGINX = (CHECKOUT / "deploy" / "nginx" / "nginx.conf").read_text()
COMPONENTS = (*SERVICE_NAMES, "bootstrap")


def settings_of(component: str) -> type[BaseSettings]:
    if component == "bootstrap":
        return BootstrapSettings
    settings: type[BaseSettings] = importlib.import_module(f"{component.replace('-', '_')}.settings").Settings
    return settings


def names(model: type[BaseModel], prefix: str = "", *, required: bool = False) -> Iterator[str]:
    for name, field in model.model_fields.items():
        here = f"{prefix}{name}".upper()
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            if not required or field.is_required():
                yield from names(group, f"{here}__", required=required)
        elif not required or field.is_required():
            yield here


def merged(base: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    both = dict(base)
    for name, value in over.items():
        old = both.get(name)
        both[name] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return both


def refuse(change: dict[str, object]) -> str:
    with pytest.raises(jsonschema.ValidationError) as refused:
        jsonschema.validate(merged(merged(VALUES, DEV), change), SCHEMA)
    return str(refused.value.json_path)


def test_the_values_that_ship_fit_their_schema():
    jsonschema.validate(VALUES, SCHEMA)
    jsonschema.validate(merged(VALUES, DEV), SCHEMA)


@pytest.mark.parametrize("component", COMPONENTS)
def test_the_chart_gives_every_setting_that_a_service_cannot_start_without(component):
    shared = set(re.findall(r"^  ([A-Z0-9_]+):", CONFIG, re.MULTILINE))
    given = shared | set(DEV["secrets"]["values"][component])
    assert set(names(settings_of(component), required=True)) - given == set()


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_secret_holds_only_what_its_service_reads(component):
    assert set(DEV["secrets"]["values"][component]) - set(names(settings_of(component))) == set()


@pytest.mark.parametrize(
    ("component", "name"),
    [
        ("notifier", "CRYPTO__MASTER_KEYS"),
        ("api-gateway", "CRYPTO__MASTER_KEYS"),
        ("export-worker", "CRYPTO__ACTIVE_KEY"),
        ("jira-sync", "SMTP__PASSWORD"),
        ("notifier", "S3__SECRET_KEY"),
        ("auth", "ADMIN_DSN"),
        ("jira-sync", "SERVICE_DSNS"),
        ("auth", "CURSOR_SECRET"),
    ],
)
def test_a_secret_of_another_service_is_refused(component, name):
    path = refuse({"secrets": {"values": {component: {name: "x"}}}})
    assert path in (f"$.secrets.values.{component}", f"$.secrets.values['{component}']")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"mail": {"kind": "smtp", "host": "", "from": "a@example.com"}}, "$.mail.host"),
        ({"mail": {"kind": "smtp", "host": "smtp.example.com"}}, "$.mail.from"),
        ({"mail": {"kind": "console"}}, "$.mail.kind"),
        ({"networkPolicy": {"egress": {"enabled": True}}}, "$.networkPolicy.egress.rules"),
        ({"publicUrl": "https://x.example.com/path"}, "$.publicUrl"),
        ({"allowedHosts": ["*"]}, "$.allowedHosts[0]"),
        ({"nonsense": 1}, "$"),
    ],
)
def test_values_that_cannot_work_are_refused(change, path):
    assert refuse(change) == path


def test_every_environment_name_of_the_chart_is_a_setting_of_some_service():
    known = {name for component in COMPONENTS for name in names(settings_of(component))}
    aliased = {"SMTP__FROM"}  # the field is `sender`: `from` is a word of Python
    texts = [
        CONFIG,
        (CHART / "templates" / "_names.tpl").read_text(),
        (CHART / "templates" / "bootstrap.yaml").read_text(),
    ]
    used = {name for text in texts for name in re.findall(r"(?:name: |^  )([A-Z][A-Z0-9_]+)\b", text, re.MULTILINE)}
    assert used - known - aliased == set()


def test_no_door_from_outside_leads_to_what_is_between_services():
    places = re.findall(r"location (\S+ ?/\S*) \{(.*?)\n        \}", NGINX, re.DOTALL)
    inner = dict(places)["^~ /internal/"]
    assert "return 404" in inner
    assert "proxy_pass" not in inner
    assert '"/internal/" "notifier"' in (CHART / "templates" / "ingress.yaml").read_text()
    notifier = CHECKOUT / "services" / "notifier" / "src"
    assert not [path for path in notifier.rglob("*.py") if '"/internal/' in path.read_text()]
