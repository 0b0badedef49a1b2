"""Generated documents follow the code: a changed or missing file is stale."""

from pathlib import Path

import pytest

from common.settings import PostgresSettings
from common.web.tokens import SCOPES
from lints import documents
from lints.scopes_page import scopes_page
from lints.settings_page import settings_of


def test_a_missing_and_an_edited_document_are_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "DOCUMENTS", {"docs/a.md": lambda: "made\n"})
    assert documents.stale_documents(tmp_path) == ["docs/a.md"]
    documents.write_documents(tmp_path)
    assert documents.stale_documents(tmp_path) == []
    (tmp_path / "docs/a.md").write_text("edited\n")
    assert documents.stale_documents(tmp_path) == ["docs/a.md"]


def test_asyncapi_names_every_topic_and_every_event() -> None:
    made = documents.asyncapi()
    assert set(made["channels"]) == {
        "jira.issues",
        "sync.events",
        "export.requests",
        "export.events",
        "access.events",
    }
    listed = {name for channel in made["channels"].values() for name in channel["messages"]}
    assert listed == set(made["components"]["messages"])


def test_a_setting_without_default_is_required_and_a_secret_is_marked() -> None:
    by_name = {one.name: one for one in settings_of(PostgresSettings)}
    assert by_name["DSN"].default is None
    assert by_name["DSN"].secret
    assert by_name["POOL_MAX"].default == "10"
    assert by_name["STATEMENT_TIMEOUT"].default == "PT15S"


def test_the_page_of_scopes_names_every_scope_role_and_operation() -> None:
    document = documents._openapi()
    page = scopes_page(document, "made")
    for scope in SCOPES:
        assert f"| `{scope}` |" in page
    for path, operations in document["paths"].items():
        for method in operations:
            assert page.count(f"`{method.upper()} {path}`") >= 1, (method, path)
    assert "| `tokens:admin` | See and revoke the API tokens of all members | yes | yes | – | – | – |" in page
