"""Generated requests to every operation as anybody, a viewer and an owner: no 500, nothing undocumented, true schemas.

`SCHEMA_EXAMPLES=200 make schema-fuzz` sends more of them.
"""

import os

import httpx
import pytest
from fuzzing import Findings, fuzz, load, operations_of
from surface.operations import operations
from surface.things import Things
from surface.vocabulary import meaning

#: Requests of each sort per operation and caller; what `make test` has time for.
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "4"))


def _known(things: Things) -> dict[str, dict[str, str]]:
    """Per operation the ids that exist, but for removals: what is gone would be gone for the next."""
    document = things.tenant.owner.call("GET", "/openapi.json").json()
    known = {}
    for operation in operations(document):
        kinds = {place.name: meaning(operation, place) for place in operation.places if place.part == "path"}
        if operation.method != "DELETE" and "tenant" not in kinds.values():
            known[str(operation)] = {name: things.of(str(kind))[0] for name, kind in kinds.items()}
    return known


@pytest.mark.timeout(0 if "SCHEMA_EXAMPLES" in os.environ else 300)
@pytest.mark.parametrize("caller", ["anybody", "viewer", "owner"])
def test_every_answer_is_a_documented_one(fuzzed: Things, caller: str) -> None:
    people = {"viewer": fuzzed.tenant.people["viewer"], "owner": fuzzed.tenant.owner}
    document = fuzzed.tenant.owner.call("GET", "/openapi.json").json()
    known, findings = _known(fuzzed), Findings()

    def bearer() -> str | None:
        if caller not in people:
            return None
        if findings.last == httpx.codes.UNAUTHORIZED:  # a fuzzed sign-out may have ended the session
            assert people[caller].call("GET", "/api/v1/me").is_success, f"{caller} cannot sign in any more"
        return people[caller].token

    for operation in operations_of(load(document, fuzzed.tenant.owner.url)):
        name = f"{operation.method.upper()} {operation.path}"
        fuzz(operation, known.get(name, {}), caller, bearer, EXAMPLES, findings)
    assert findings.sent > 100
    told = "\n".join(f"{key}: {said}" for key, said in findings.said.items())
    assert not told, f"{len(findings.said)} kinds of answers of {findings.sent} are not as described:\n{told}"
