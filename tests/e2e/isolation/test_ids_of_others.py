"""Whatever names something of tenant A, tried by the owner of tenant B: the answer is that of an id that never was."""

import httpx
import pytest
from surface.answers import difference, everything_of, is_empty
from surface.things import ID
from surface.vocabulary import untaught
from two_tenants import Trial, TwoTenants, scopes_of

#: Of a request that is wrong in itself: such an answer would prove nothing about what it names.
_WRONG_IN_ITSELF = {"request.invalid", "request.invalid_id", "request.malformed", "request.unknown_field"}

_NO_CURSOR = {"query.invalid_cursor", "request.invalid_cursor"}


def test_every_name_in_the_api_description_is_known(two_tenants: TwoTenants) -> None:
    assert [said for operation in two_tenants.operations for said in untaught(operation)] == []


def _fault(two: TwoTenants, scopes: set[str], trial: Trial) -> str | None:
    answer, never = trial.request.send(two.intruder), trial.never_request.send(two.intruder)
    if said := difference(answer, trial.value, never, trial.never):
        return f"tells A's from nobody's: {said}"
    shown = everything_of(answer).replace(trial.value, "")
    if strange := {found.group() for found in ID.finditer(shown)} & two.ids_of_a:
        return f"shows {sorted(strange)[:3]} of A"
    if answer.status_code == httpx.codes.FORBIDDEN and answer.json()["code"] == "access.scope_missing":
        return None if trial.operation.scope not in scopes else "refuses its own scope"
    if answer.is_success:
        return None if is_empty(answer) else f"answers {answer.status_code} {answer.text[:150]}"
    code = answer.json()["code"]
    if answer.status_code == httpx.codes.NOT_FOUND or (trial.kind == "cursor" and code in _NO_CURSOR):
        return None
    if trial.kind == "tenant name" and answer.status_code in {401, 403, 404} and code not in _WRONG_IN_ITSELF:
        return None
    return f"is refused for another reason: {answer.status_code} {answer.text[:200]}"


def _tried(two: TwoTenants, trials: list[Trial]) -> list[str]:
    scopes = scopes_of(two.intruder)
    return [f"{trial} {fault}" for trial in trials if (fault := _fault(two, scopes, trial))]


def test_ids_of_another_tenant_are_answered_as_if_they_never_were(two_tenants: TwoTenants) -> None:
    trials = list(two_tenants.trials())
    assert {trial.operation.path for trial in trials} == {
        operation.path for operation in two_tenants.operations if operation.path_names
    } | {trial.operation.path for trial in trials if trial.place.part != "path"}
    assert _tried(two_tenants, trials) == []


def test_cursors_of_another_tenant_are_no_cursors(two_tenants: TwoTenants) -> None:
    trials = list(two_tenants.cursor_trials())
    assert len(trials) > 10
    assert _tried(two_tenants, trials) == []


def test_the_owner_is_answered_where_the_stranger_is_not(two_tenants: TwoTenants) -> None:
    """Otherwise the refusals above would prove nothing."""
    scopes = scopes_of(two_tenants.a.tenant.owner)
    faults = [
        f"{operation}: {answer.status_code} {answer.text[:150]}"
        for things in (two_tenants.a, two_tenants.b)
        for operation, answer in two_tenants.reads(things)
        if not (answer.is_success or answer.is_redirect or operation.is_public)
        and (operation.scope is None or operation.scope in scopes)
    ]
    assert faults == []


def test_no_answer_to_b_ever_shows_an_id_of_a(two_tenants: TwoTenants) -> None:
    assert len(two_tenants.ids_of_a) > 50
    for operation, answer in two_tenants.reads(two_tenants.b):
        strange = {found.group() for found in ID.finditer(everything_of(answer))} & two_tenants.ids_of_a
        assert strange == set(), f"{operation} shows {sorted(strange)[:5]}"


@pytest.mark.parametrize("name", ["connections", "users", "exports", "auth/sessions"])
def test_nothing_that_b_tried_changed_anything_of_a(two_tenants: TwoTenants, name: str) -> None:
    kind = name.rpartition("/")[2].removesuffix("s")
    assert set(two_tenants.a.of(kind)) <= set(two_tenants.a.listed(f"/{name}"))
