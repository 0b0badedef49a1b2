"""The catalogue of topics and events is whole, and old examples still parse."""

import importlib
import pkgutil
from pathlib import Path

import orjson
import pytest

import common.contracts
from common.contracts.events import Envelope, Event, event_types
from common.contracts.topics import TOPICS, Topic
from common.db.roles import SERVICE_ROLES

EXAMPLES = Path(__file__).parent / "examples"

for module in pkgutil.iter_modules(common.contracts.__path__):
    importlib.import_module(f"common.contracts.{module.name}")


def test_every_topic_has_a_contract_a_producer_and_somebody_who_listens() -> None:
    assert set(TOPICS) == set(Topic)
    for contract in TOPICS.values():
        assert contract.producer in SERVICE_ROLES
        assert contract.groups or contract.broadcasts, contract.topic
        assert set(contract.groups) | set(contract.broadcasts) <= set(SERVICE_ROLES)


def test_every_event_has_a_topic_and_a_versioned_name() -> None:
    for name, kind in event_types().items():
        assert kind.topic in TOPICS
        assert name.rpartition(".")[2].removeprefix("v").isdigit()
        assert kind.__name__.endswith("V" + name.rpartition(".v")[2])


@pytest.mark.parametrize("name", sorted(event_types()))
def test_every_event_has_an_example_that_parses_for_ever(name: str) -> None:
    envelope = Envelope.model_validate(orjson.loads((EXAMPLES / f"{name}.json").read_bytes()))
    event = envelope.event()
    assert type(event) is event_types()[name]
    assert isinstance(event, Event)
    assert event.subject() == envelope.subject
    written = event.model_dump(mode="json")
    assert {key: value for key, value in envelope.data.items() if key in written} == {
        key: value for key, value in written.items() if key in envelope.data
    }


def test_no_example_is_left_without_its_event() -> None:
    assert {file.stem for file in EXAMPLES.glob("*.json")} == set(event_types())


def test_unknown_types_and_unknown_fields_are_no_error() -> None:
    envelope = Envelope.model_validate(orjson.loads((EXAMPLES / "sync.phase_changed.v1.json").read_bytes()))
    newer = envelope.model_copy(update={"data": {**envelope.data, "added_later": 1}})
    assert newer.event() == envelope.event()
    assert envelope.model_copy(update={"type": "sync.something_new.v1"}).event() is None
