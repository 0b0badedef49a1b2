"""Answers of the Cloud personality against Atlassian's own API documents."""

import gzip
import json
from functools import lru_cache
from pathlib import Path

import jsonschema
import pytest

from jira_simulator.in_process import bench
from jira_simulator.model.records import Personality

DOCUMENTS = Path(__file__).resolve().parents[5] / "shared" / "data" / "jira"
DOC = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hi"}]}]}
ALL = {"jql": "created > 0", "fields": ["*all"], "expand": "names,schema,renderedFields,changelog,transitions"}

# Method, path as the document writes it, path as asked, body.
OPERATIONS = [
    ("GET", "/serverInfo", "/serverInfo", None),
    ("GET", "/myself", "/myself", None),
    ("GET", "/mypermissions", "/mypermissions?permissions=BROWSE_PROJECTS,ADMINISTER", None),
    ("GET", "/user", "/user?accountId={user}", None),
    ("GET", "/users/search", "/users/search?maxResults=1000", None),
    ("GET", "/user/search", "/user/search?query=a", None),
    ("GET", "/user/bulk", "/user/bulk?accountId={user}", None),
    ("GET", "/field", "/field", None),
    ("GET", "/field/search", "/field/search", None),
    ("GET", "/status", "/status", None),
    ("GET", "/status/{idOrName}", "/status/3", None),
    ("GET", "/statuscategory", "/statuscategory", None),
    ("GET", "/priority", "/priority", None),
    ("GET", "/priority/search", "/priority/search", None),
    ("GET", "/issuetype", "/issuetype", None),
    ("GET", "/resolution", "/resolution", None),
    ("GET", "/issueLinkType", "/issueLinkType", None),
    ("GET", "/issuesecurityschemes", "/issuesecurityschemes", None),
    ("GET", "/issuesecurityschemes/{id}", "/issuesecurityschemes/10000", None),
    ("GET", "/securitylevel/{id}", "/securitylevel/10020", None),
    ("GET", "/project", "/project", None),
    ("GET", "/project/search", "/project/search?expand=insight,lead,description,issueTypes", None),
    ("GET", "/project/{projectIdOrKey}", "/project/SHOP", None),
    ("GET", "/project/{projectIdOrKey}/versions", "/project/SHOP/versions", None),
    ("GET", "/project/{projectIdOrKey}/components", "/project/SHOP/components", None),
    ("GET", "/project/{projectIdOrKey}/statuses", "/project/SHOP/statuses", None),
    ("GET", "/search/jql", "/search/jql?jql=project=SHOP&fields=*all&maxResults=100", None),
    ("POST", "/search/jql", "/search/jql", ALL),
    ("POST", "/search/approximate-count", "/search/approximate-count", {"jql": "created > 0"}),
    ("POST", "/issue/bulkfetch", "/issue/bulkfetch", {"issueIdsOrKeys": ["10001", "SHOP-2"], "expand": ["changelog"]}),
    ("POST", "/changelog/bulkfetch", "/changelog/bulkfetch", {"issueIdsOrKeys": ["{changed}"], "maxResults": 50}),
    ("GET", "/issue/{issueIdOrKey}", "/issue/{rich}?expand=names,schema,renderedFields,changelog,transitions", None),
    ("GET", "/issue/{issueIdOrKey}/changelog", "/issue/{changed}/changelog", None),
    ("GET", "/issue/{issueIdOrKey}/comment", "/issue/{talked}/comment?expand=renderedBody", None),
    ("GET", "/issue/{issueIdOrKey}/comment/{id}", "/issue/{talked}/comment/{comment}", None),
    ("GET", "/issue/{issueIdOrKey}/worklog", "/issue/{worked}/worklog", None),
    ("GET", "/issue/{issueIdOrKey}/transitions", "/issue/SHOP-1/transitions", None),
    ("GET", "/worklog/updated", "/worklog/updated?since=0", None),
    ("GET", "/worklog/deleted", "/worklog/deleted?since=0", None),
    ("POST", "/worklog/list", "/worklog/list", {"ids": ["{worklog}"]}),
    ("GET", "/attachment/{id}", "/attachment/{attachment}", None),
    ("GET", "/attachment/meta", "/attachment/meta", None),
    (
        "POST",
        "/issue",
        "/issue",
        {"fields": {"project": {"key": "SHOP"}, "issuetype": {"id": "10002"}, "summary": "New", "description": DOC}},
    ),
    ("POST", "/issue/{issueIdOrKey}/comment", "/issue/SHOP-1/comment", {"body": DOC}),
    ("POST", "/issue/{issueIdOrKey}/worklog", "/issue/SHOP-1/worklog", {"timeSpent": "1h", "comment": DOC}),
]


@pytest.fixture(scope="module")
async def documented():
    async with bench(Personality.CLOUD) as made:
        yield made


@lru_cache
def document(version):
    with gzip.open(DOCUMENTS / f"openapi-cloud-v{version}.json.gz", "rt") as content:
        found = json.load(content)
    # Real answers and webhooks have null here, which the documents forget to allow.
    for name in ("from", "fromString", "to", "toString"):
        found["components"]["schemas"]["ChangeDetails"]["properties"][name] = {"type": ["string", "null"]}
    # The older document has the time zone as an object; it has been a text all along.
    found["components"]["schemas"]["ServerInformation"]["properties"]["serverTimeZone"] = {"type": "string"}
    return found


def answer_schema(version, method, path, status):
    operation = document(version)["paths"][f"/rest/api/{version}{path}"][method.lower()]
    content = operation["responses"][str(status)]["content"]
    schema = content.get("application/json", next(iter(content.values())))["schema"]
    return schema | {"components": document(version)["components"]}


def names(site):
    """Issues that have much of what an answer can hold."""
    issues = list(site.issues.values())
    talked = max(issues, key=lambda issue: len(issue.comments))
    worked = max(issues, key=lambda issue: len(issue.worklogs))
    rich = max(issues, key=lambda i: bool(i.attachments) + bool(i.links) + bool(i.worklogs) + len(i.custom))
    return {
        "{user}": next(iter(site.users)),
        "{talked}": talked.key,
        "{comment}": str(talked.comments[0].id),
        "{changed}": max(issues, key=lambda issue: len(issue.changes)).key,
        "{worked}": worked.key,
        "{worklog}": str(worked.worklogs[0].id),
        "{rich}": rich.key,
        "{attachment}": str(next(issue for issue in issues if issue.attachments).attachments[0].id),
    }


def filled(value, known):
    text = json.dumps(value)
    for name, replacement in known.items():
        text = text.replace(name, replacement)
    return json.loads(text)


def in_version(version, value):
    """Version 2 takes and gives texts where version 3 has documents."""
    return json.loads(json.dumps(value).replace(json.dumps(DOC), '"Hi"')) if version == 2 else value


def cases():
    for version in (3, 2):
        known = document(version)["paths"]
        for method, path, asked, body in OPERATIONS:
            # The document of version 2 is older and does not have everything.
            if method.lower() in known.get(f"/rest/api/{version}{path}", {}):
                yield pytest.param(version, method, path, asked, body, id=f"v{version} {method} {path}")


if DOCUMENTS.exists():

    @pytest.mark.parametrize(("version", "method", "path", "asked", "body"), list(cases()))
    async def test_an_answer_has_the_documented_shape(documented, version, method, path, asked, body):
        known = names(documented.service.site)
        documented.clock.forward(600_000)
        answer = await documented.jira.request(
            method, f"/rest/api/{version}{filled(asked, known)}", json=filled(in_version(version, body), known)
        )
        assert answer.status_code in {200, 201}, answer.text
        schema = answer_schema(version, method, path, answer.status_code)
        errors = [
            f"{error.json_path}: {error.message[:200]}"
            for error in jsonschema.Draft202012Validator(schema).iter_errors(answer.json())
        ]
        assert errors == []
        assert answer.json()

    def test_most_operations_are_compared():
        assert len(list(cases())) > 60
