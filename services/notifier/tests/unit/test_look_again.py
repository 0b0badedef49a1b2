"""Grants that cannot be read anew leave nobody with what he saw before."""

from types import SimpleNamespace
from typing import Any

import pytest
from notifier_examples import TENANT, Hanging

from common.errors import Unavailable
from notifier.domain import codes
from notifier.domain.connections import Connections
from notifier.domain.grant_changes import GrantChanges
from notifier.usecases.look_again import look_again


class Broken:
    """A database that fails in the way it is told to."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    def read(self, _tenant: object) -> Any:
        raise self._failure


@pytest.mark.parametrize("failure", [Unavailable(), RuntimeError("nobody expected this")])
async def test_a_viewer_whose_grants_cannot_be_read_is_sent_to_come_again(failure: Exception) -> None:
    first, second = Hanging(), Hanging()
    connections = Connections(10)
    for hanging in (first, second):
        connections.add(hanging.client)
    app: Any = SimpleNamespace(connections=connections, grants=GrantChanges(), db=Broken(failure))
    await look_again(TENANT, app)
    assert [hanging.client.ending for hanging in (first, second)] == [codes.STATE_INVALIDATED] * 2
