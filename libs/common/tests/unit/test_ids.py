"""Public ids: they round-trip, sort by time, and refuse what is not theirs."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.ids import InvalidId, TenantId, derive_child_id, derive_issue_id, is_id, new_id, parse_id, public_id

TENANT = TenantId(uuid.UUID(int=7))


@given(st.uuids())
def test_a_public_id_leads_back_to_its_uuid(value: uuid.UUID) -> None:
    text = public_id("iss", value)
    assert len(text) == 30
    assert parse_id("iss", text) == value


@given(st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    assert is_id("iss", text) is (text.startswith("iss_") and public_id("iss", _maybe(text)) == text)


def _maybe(text: str) -> uuid.UUID:
    try:
        return parse_id("iss", text)
    except InvalidId:
        return uuid.UUID(int=0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "iss",
        "iss_",
        "usr_00000000000000000000000000",
        "iss_" + "8" * 26,
        "iss_" + "u" * 26,
        "iss_" + "0" * 25,
        "ISS_" + "0" * 26,
    ],
)
def test_ids_of_another_kind_or_form_are_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        parse_id("iss", text)


def test_ids_made_later_sort_later() -> None:
    made = [public_id("evt", new_id()) for _ in range(100)]
    assert made == sorted(made)


def test_an_issue_keeps_its_id_and_another_tenant_or_site_gives_another() -> None:
    one = derive_issue_id(TENANT, "site-a", 10001)
    assert one == derive_issue_id(TENANT, "site-a", "10001")
    others = {
        derive_issue_id(TENANT, "site-b", 10001),
        derive_issue_id(TenantId(uuid.UUID(int=8)), "site-a", 10001),
        derive_child_id("com", TENANT, "site-a", 10001),
    }
    assert one not in others
    assert len(others) == 3
    assert one.version == 8
