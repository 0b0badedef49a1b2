"""The one door of all sign-ins: what was proved and what a tenant asks for in, a session or the next question out."""

from datetime import UTC, datetime, timedelta

import pytest

from auth.domain.accounts import Account, Place, Tenant, TenantState
from auth.domain.errors import AccountDisabled, NoMembership
from auth.domain.roles import Role
from auth.domain.sign_in_steps import ONE_FACTOR, AskFactor, Factor, OpenSession, Policy, Proved, next_step
from common.ids import TenantId, UserId, new_id

DAY = timedelta(days=1)
TENANT = Tenant(TenantId(new_id()), "demo", "Demo", TenantState.ACTIVE, DAY, DAY * 9, datetime.now(UTC))
PLACES = [Place(TENANT, Role.MEMBER)]
TWO = Policy((frozenset({Factor.PASSWORD}), frozenset({Factor.OIDC, Factor.ATLASSIAN})))


def somebody(*, disabled: bool = False) -> Account:
    return Account(UserId(new_id()), "a@example.com", "A", "en", None, disabled=disabled, operator=False)


@pytest.mark.parametrize("factor", list(Factor))
def test_any_one_factor_opens_a_session_that_names_it(factor):
    step = next_step(Proved(somebody(), (factor,)), PLACES, None)
    assert isinstance(step, OpenSession)
    assert (step.method, step.seat.tenant) == (factor, TENANT.tenant)


def test_a_policy_of_two_groups_asks_for_what_is_missing_and_then_opens():
    person = somebody()
    asked = next_step(Proved(person, (Factor.PASSWORD,)), PLACES, None, TWO)
    assert isinstance(asked, AskFactor)
    assert asked.one_of == {Factor.OIDC, Factor.ATLASSIAN}
    step = next_step(Proved(person, (Factor.PASSWORD, Factor.OIDC)), PLACES, None, TWO)
    assert isinstance(step, OpenSession)
    assert step.method is Factor.PASSWORD


def test_the_same_factor_twice_is_one_factor():
    step = next_step(Proved(somebody(), (Factor.PASSWORD, Factor.PASSWORD)), PLACES, None, TWO)
    assert isinstance(step, AskFactor)


def test_nothing_proved_is_no_sign_in():
    with pytest.raises(ValueError, match="proof"):
        next_step(Proved(somebody(), ()), PLACES, None, ONE_FACTOR)


def test_proofs_open_no_foreign_tenant_and_no_disabled_account():
    with pytest.raises(NoMembership):
        next_step(Proved(somebody(), (Factor.OIDC,)), PLACES, "other")
    with pytest.raises(AccountDisabled):
        next_step(Proved(somebody(disabled=True), (Factor.OIDC,)), PLACES, None)
