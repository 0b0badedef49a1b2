"""What POST and PATCH /connections take."""

import pytest
from pydantic import ValidationError

from common.contracts.http.connections import ConnectionPatch


@pytest.mark.parametrize("token", ["a b", "\u009dx", "тайна", "a\x01"])
def test_a_token_that_no_header_can_carry_is_refused(token: str) -> None:
    with pytest.raises(ValidationError):
        ConnectionPatch.model_validate({"auth": {"method": "pat", "token": token}})


def test_a_token_of_visible_ascii_is_taken() -> None:
    taken = ConnectionPatch.model_validate({"auth": {"method": "pat", "token": "Aa0+/=~!"}})
    assert taken.auth is not None
