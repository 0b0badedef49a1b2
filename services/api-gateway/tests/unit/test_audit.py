"""The audit log's own rules: what is noted, what is dropped, how it is written, what a filter means."""

import csv
import io
import itertools
import string
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_gateway.audit.domain.entry import Entry, entry_of
from api_gateway.audit.domain.own_entries import LOST, OwnEntries
from api_gateway.audit.domain.question import Question, UnknownAction, actions_named
from api_gateway.audit.domain.watching import denial_of, download_of
from api_gateway.audit.domain.written import COLUMNS, csv_header, csv_lines, harmless, json_lines
from common.contracts.audit import ACTIONS, AccessAuditRecordedV1
from common.ids import TenantId, new_id

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
A, B = TenantId(new_id()), TenantId(new_id())


def entry(action: str = "audit.read", **more: object) -> Entry:
    return Entry(NOW, action, **more)  # type: ignore[arg-type]


def row(**more: object) -> dict[str, object]:
    made = entry(**more)
    return {name: getattr(made, name) for name in Entry.__slots__}


def test_what_has_no_room_is_counted_for_its_tenant_and_becomes_one_entry() -> None:
    own = OwnEntries(most=3)
    kept = [own.add(A, entry()) for _ in range(5)] + [own.add(B, entry())]
    assert kept == [True, True, True, False, False, False]
    taken = own.take(10, NOW)
    assert [(tenant, each.action) for tenant, each in taken[3:]] == [(A, LOST), (B, LOST)]
    assert [each.details["count"] for _, each in taken[3:]] == ["2", "1"]
    assert len(own) == 0
    assert own.take(10, NOW) == []


def test_what_is_given_back_comes_again_in_its_order_and_the_count_goes_on() -> None:
    own = OwnEntries(most=3)
    first = [entry(request_id=str(number)) for number in range(3)]
    for each in first:
        own.add(A, each)
    own.add(A, entry())
    taken = own.take(10, NOW)
    own.add(A, entry(request_id="later"))
    own.give_back(taken)
    again = own.take(10, NOW)
    # One of those given back found its place taken by then: it is lost, and told.
    assert [each.request_id for _, each in again if each.action != LOST] == ["1", "2", "later"]
    assert [each.details["count"] for _, each in again if each.action == LOST] == ["2"]


def test_a_repeated_refusal_counts_again_after_a_minute() -> None:
    own = OwnEntries()
    assert own.first_of_minute("a", 0.0)
    assert not own.first_of_minute("a", 59.9)
    assert own.first_of_minute("b", 59.9)
    assert own.first_of_minute("a", 60.0)


def test_only_so_many_strangers_are_told_in_a_minute() -> None:
    own = OwnEntries()
    assert sum(own.room_for_a_stranger(100.0 + number / 100) for number in range(1_000)) == 300
    assert own.room_for_a_stranger(160.1)
    own.lose(A)
    assert [each.details["count"] for _, each in own.take(1, NOW)] == ["1"]


def test_the_memory_of_refusals_is_bounded() -> None:
    own = OwnEntries()
    for number in range(30_000):
        own.first_of_minute(number, 0.0)
    assert len(own._seen) <= 20_000


@pytest.mark.parametrize(
    ("status", "code", "signed", "reason"),
    [
        (403, "access.scope_missing", True, "access.scope_missing"),
        (403, None, False, "access.scope_missing"),
        (429, "limits.requests", True, "limits.requests"),
        (401, "access.token_invalid", True, "access.token_invalid"),
        (401, "access.token_invalid", False, None),
        (401, "auth.token_expired", True, None),
        (401, "access.token_outdated", True, None),
        (404, "issue.not_found", True, None),
        (500, None, True, None),
        (200, None, True, None),
    ],
)
def test_refusals_are_noted_but_for_strangers_and_the_life_of_short_tokens(
    status: int, code: str | None, signed: bool, reason: str | None
) -> None:
    assert denial_of(status, code, with_credentials=signed) == reason


def test_only_answers_that_hand_out_bytes_are_downloads() -> None:
    pdf = "/api/v1/issues/{issue}/pdf"
    assert [status for status in (200, 202, 206, 304, 307, 403, 404) if download_of("GET", pdf, status)] == [
        200,
        206,
        307,
    ]
    assert download_of("POST", pdf, 200) is None
    assert download_of("GET", "/api/v1/issues/{issue}", 200) is None


def test_a_prefix_means_every_action_that_begins_with_it() -> None:
    assert set(actions_named(["member."])) == {name for name in ACTIONS if name.startswith("member.")}
    assert actions_named(["audit.read", "audit.", "audit.read"])[0] == "audit.read"
    assert len(set(actions_named(["audit.read", "audit."]))) == len(actions_named(["audit.read", "audit."]))


@pytest.mark.parametrize("name", ["member", "", ".", "nothing.", "audit.rea", "MEMBER."])
def test_an_action_that_does_not_exist_is_told(name: str) -> None:
    with pytest.raises(UnknownAction):
        actions_named([name])


def test_a_cursor_is_bound_to_the_tenant_and_to_every_filter() -> None:
    values: dict[str, object] = {
        "actors": ("usr_1",),
        "actions": ("audit.read",),
        "targets": ("x",),
        "outcomes": ("denied",),
        "addresses": ("::1",),
        "after": NOW,
        "before": NOW,
    }
    questions = [Question(), *(Question(**{name: value}) for name, value in values.items())]  # type: ignore[arg-type]
    bound = [question.bound_to(tenant) for question, tenant in itertools.product(questions, (A, B))]
    assert len(set(bound)) == 2 * len(questions)


def test_an_entry_keeps_the_id_of_its_event() -> None:
    event = AccessAuditRecordedV1(actor_kind="system", action="key.rotated", at=NOW, details={"kid": "k"})
    kept = entry_of(event, "auth")
    assert (kept.entry_id, kept.source, kept.action, kept.details) == (
        event.event_id,
        "auth",
        "key.rotated",
        {"kid": "k"},
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_run_begins_with_an_apostrophe(start: str) -> None:
    lines = csv_lines([row(target_kind="issue", target_id=f"{start}cmd|' /C calc'!A0", address=f"{start}1")])
    (cells,) = csv.reader(io.StringIO(lines.decode(), newline=""))
    assert cells[COLUMNS.index("target_id")] == f"'{start}cmd|' /C calc'!A0"
    assert cells[COLUMNS.index("address")] == f"'{start}1"


@given(st.text(alphabet=string.printable + "é;\"'\n", max_size=30))
def test_any_text_comes_back_from_the_csv_as_it_was_but_for_the_apostrophe(text: str) -> None:
    parsed = list(csv.reader(io.StringIO((csv_header() + csv_lines([row(reason=text)])).decode(), newline="")))
    assert parsed[0] == list(COLUMNS)
    assert len(parsed) == 2
    assert parsed[1][COLUMNS.index("reason")] == harmless(text)
    assert parsed[1][COLUMNS.index("reason")].removeprefix("'") == text.removeprefix("'")


def test_json_lines_are_one_object_a_line() -> None:
    lines = json_lines([row(details={"text": "a\nb"}), row(details={})]).splitlines()
    assert [orjson.loads(line)["details"] for line in lines] == [{"text": "a\nb"}, {}]
