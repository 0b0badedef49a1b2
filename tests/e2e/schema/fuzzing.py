"""The running API description in; for an operation and a caller, the answers that it does not allow out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from common.testing.system import Json

SEED = 20261123
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

#: Sent as `Authorization`; asked for each request, because a fuzzed sign-out ends the session.
Bearer = Callable[[], str | None]


@dataclass
class Findings:
    """What was wrong, each kind once per operation and caller."""

    sent: int = 0
    last: int = 0
    said: dict[str, str] = field(default_factory=dict)

    def note(self, case: Case[Any], caller: str, failure: Failure, status: int) -> None:
        key = f"{case.operation.method.upper()} {case.operation.path} as {caller}: {status} {failure.title}"
        if key not in self.said:
            self.said[key] = f"{failure.message[:300]} | {case.as_curl_command()[:300]}"


def load(document: Json, url: str) -> Any:
    """The schema with generators that are the same in every run."""
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    return schema


def operations_of(schema: Any) -> list[Any]:
    """All of them: reads first, then what changes, then what removes."""
    order = {"get": 0, "post": 1, "put": 1, "patch": 2, "delete": 3}
    return sorted((found.ok() for found in schema.get_all_operations()), key=lambda one: order[one.method.lower()])


def strategies_of(operation: Any, known: Json) -> Iterator[st.SearchStrategy[Case[Any]]]:
    """What fits the description, with made-up ids and with known ones, and what does not fit."""
    yield operation.as_strategy(GenerationMode.POSITIVE)
    if known:
        yield operation.as_strategy(GenerationMode.POSITIVE, path_parameters=known)
    if operation.query or operation.body:
        yield operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=known or None)


def fuzz(operation: Any, known: Json, caller: str, bearer: Bearer, examples: int, findings: Findings) -> None:
    """Sends that many requests of each sort; a failure is noted and the next one goes on."""
    for strategy in strategies_of(operation, known):

        @hypothesis.seed(SEED)
        @hypothesis.settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
            print_blob=False,
        )
        @hypothesis.given(case=strategy)
        def send(case: Case[Any]) -> None:
            _send(case, caller, bearer(), findings)

        send()


def _send(case: Case[Any], caller: str, bearer: str | None, findings: Findings) -> None:
    headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    answer = case.call(headers=headers, allow_redirects=False, timeout=60)
    findings.sent += 1
    findings.last = answer.status_code
    if answer.status_code in {502, 503} and _says_why(answer):
        return
    try:
        case.validate_response(answer, checks=_CHECKS)
    except (Failure, FailureGroup) as failed:
        for failure in failed.exceptions if isinstance(failed, FailureGroup) else [failed]:
            if isinstance(failure, Failure):
                findings.note(case, caller, failure, answer.status_code)


def _says_why(answer: Any) -> bool:
    """A Jira that does not answer is no fault of ours, and a busy part says when to come back."""
    return b'"code":"jira.' in answer.content or "retry-after" in answer.headers
