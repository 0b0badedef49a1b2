"""How long an API token lasts and what it lets through, whatever was wished."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.api_tokens.domain.api_tokens import (
    ACCESS_LIFE,
    ApiToken,
    TokenRules,
    access_life,
    check_rotation,
    check_scopes,
    end_of_new,
    end_of_overlap,
    end_of_successor,
)
from auth.api_tokens.domain.errors import TokenEnded, TokenTooLong, UnlimitedByOwner
from auth.domain.roles import Role, scopes_of
from common.errors import ScopeMissing
from common.ids import PLATFORM, TokenId, UserId, new_id
from common.web.tokens import SCOPES

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = st.one_of(st.integers(1, 8), st.integers(1, 4_000)).map(lambda days: timedelta(days=days))


def rules(role: Role = Role.MEMBER, most: timedelta = timedelta(days=365), *, unlimited: bool = True) -> TokenRules:
    return TokenRules(most, unlimited, role, scopes_of(role))


def token(**changes: object) -> ApiToken:
    values = {"tenant": PLATFORM, "token": TokenId(new_id()), "user": UserId(new_id()), "name": "n", "hint": "jex_abcd"}
    values |= {"scopes": frozenset({"issues:read"}), "created": NOW, "expires": NOW + timedelta(days=90)}
    return ApiToken(**(values | changes))  # type: ignore[arg-type]


@given(wanted=st.one_of(st.none(), DAYS), most=DAYS)
def test_no_token_lasts_longer_than_the_tenant_allows(wanted: timedelta | None, most: timedelta) -> None:
    try:
        ends = end_of_new(wanted, unlimited=False, now=NOW, rules=rules(most=most))
    except TokenTooLong:
        assert wanted is not None
        assert wanted > most
        return
    assert ends is not None
    assert NOW < ends <= NOW + most
    assert ends == NOW + (wanted or min(most, timedelta(days=90)))


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("allowed", [True, False])
def test_only_an_owner_where_the_tenant_allows_it_makes_one_without_an_end(role: Role, allowed: bool) -> None:
    given_rules = rules(role, unlimited=allowed)
    if role is Role.OWNER and allowed:
        assert end_of_new(None, unlimited=True, now=NOW, rules=given_rules) is None
        return
    with pytest.raises(UnlimitedByOwner):
        end_of_new(None, unlimited=True, now=NOW, rules=given_rules)


@given(lasted=DAYS, most=DAYS, overlap=st.integers(0, 168), waited=st.integers(0, 7))
def test_rotation_gives_neither_token_more_time_than_it_had(
    lasted: timedelta, most: timedelta, overlap: int, waited: int
) -> None:
    before, now = token(expires=NOW + lasted), NOW + timedelta(days=waited)
    if now >= NOW + lasted:
        with pytest.raises(TokenEnded):
            check_rotation(before, now)
        return
    after = end_of_successor(before, now=now, rules=rules(most=most))
    assert after is not None
    assert after - now <= min(lasted, most)
    assert end_of_overlap(before, timedelta(hours=overlap), now) <= NOW + lasted


@pytest.mark.parametrize("most", [timedelta(days=30), timedelta(days=365)])
def test_rotation_renews_no_life_without_an_end_that_the_tenant_has_taken_back(most: timedelta) -> None:
    before = token(expires=None)
    assert end_of_successor(before, now=NOW, rules=rules(unlimited=True, most=most)) is None
    ends = end_of_successor(before, now=NOW, rules=rules(unlimited=False, most=most))
    assert ends == NOW + min(timedelta(days=90), most)


def test_a_replaced_or_revoked_token_has_no_successor() -> None:
    for ended in (token(replaced_by=TokenId(new_id())), token(revoked=NOW)):
        with pytest.raises(TokenEnded):
            check_rotation(ended, NOW)


@given(left=st.integers(1, 10_000))
def test_an_access_token_ends_with_its_api_token(left: int) -> None:
    span = access_life(token(expires=NOW + timedelta(seconds=left)), NOW)
    assert timedelta(seconds=1) <= span <= ACCESS_LIFE
    assert span <= timedelta(seconds=left)


@given(st.sets(st.sampled_from(sorted(SCOPES)), min_size=1), st.sampled_from(list(Role)))
def test_nobody_hands_out_what_he_has_not(wanted: set[str], role: Role) -> None:
    if wanted <= scopes_of(role):
        check_scopes(wanted, rules(role))
        return
    with pytest.raises(ScopeMissing):
        check_scopes(wanted, rules(role))
