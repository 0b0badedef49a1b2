"""The rule of audit actions: each is recorded somewhere, none is made up, and the page says by whom."""

from collections.abc import Sequence

from common.contracts.audit import ACTIONS
from lints.audit_page import audit_page
from lints.rules.audit_actions import check_all, recorders
from lints.source import Source

USE_CASE = "services/auth/src/auth/usecases/do_it.py"


def sources(*names: str, path: str = USE_CASE) -> list[Source]:
    return [Source(path, "\n".join(f"audit_entry(Kind, {name!r}, by=None)" for name in names))]


def told(given: Sequence[Source]) -> list[str]:
    return [finding.message for finding in check_all(given)]


def test_an_action_that_nobody_records_is_found() -> None:
    all_but_one = [name for name in ACTIONS if name != "key.rotated"]
    assert told(sources(*all_but_one)) == ["nobody records key.rotated"]
    assert told(sources(*ACTIONS)) == []


def test_comments_docstrings_tests_and_the_list_itself_record_nothing() -> None:
    text = '"""Makes key.rotated."""\n# audit_entry(Kind, "key.rotated")\n'
    others = [name for name in ACTIONS if name != "key.rotated"]
    for path in (USE_CASE, "libs/common/src/common/contracts/audit.py", "services/auth/tests/unit/test_x.py"):
        named = text if path == USE_CASE else 'audit_entry(Kind, "key.rotated")\n'
        assert "nobody records key.rotated" in told([*sources(*others), Source(path, named)])


def test_an_action_that_is_not_in_the_list_is_found_also_in_a_choice() -> None:
    text = 'audit_entry(Kind, "member.left" if x else "member.removed")\nawait audited(tx, action="what.ever")\n'
    unknown = [message for message in told([Source(USE_CASE, text)]) if "not in ACTIONS" in message]
    assert unknown == ["member.left is not in ACTIONS", "what.ever is not in ACTIONS"]


def test_recorders_are_named_by_service() -> None:
    both = [*sources("key.rotated"), *sources("key.rotated", path="services/jira-sync/src/jira_sync/x.py")]
    assert recorders(both) == {"key.rotated": {"auth", "jira-sync"}}


def test_the_page_has_a_row_for_each_action() -> None:
    page = audit_page("made")
    for action, about in ACTIONS.items():
        assert f"| `{action}` | {about} |" in page
    assert "| `export.created` | An export was asked for | export-worker |" in page
    assert "| `audit.read` | The audit log was read | api-gateway |" in page
