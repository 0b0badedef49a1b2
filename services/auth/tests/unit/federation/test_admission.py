"""Who gets in through a provider: every rule of ADR 0013, and that no combination of facts takes anybody over."""

import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.domain.accounts import Account
from auth.domain.errors import AccountDisabled, NoMembership
from auth.domain.members import Member
from auth.domain.roles import Role
from auth.federation.domain.admission import Create, Enter, Join, Known, Link, admit
from auth.federation.domain.errors import EmailNotVerified, LinkNeedsProof, ProviderRulesWrong, PublicDomain
from auth.federation.domain.providers import Kind, Rules, Vouched, check_rules
from common.errors import AppError
from common.ids import UserId

USER = UserId(uuid.UUID(int=7))
RULES = Rules(domains=frozenset({"example.com"}), domain_role=Role.MEMBER)
ANN = Vouched("https://id.example", "ann", "ann@example.com", email_verified=True, name="Ann")


def account(**more: bool) -> Account:
    values = {"disabled": False, "operator": False, **more}
    return Account(USER, "ann@example.com", "Ann", "en", "hash", **values)


def member(role: Role = Role.VIEWER, *, active: bool = True) -> Member:
    return Member(USER, role, active)


def known(person: Account | None = None, place: Member | None = None, *, linked: bool = False, sites=()) -> Known:
    return Known(person, linked, place, frozenset(sites))


def test_somebody_new_of_the_domain_is_created_with_its_role():
    assert admit(RULES, ANN, known()) == Create("ann@example.com", "Ann", Role.MEMBER)


def test_a_linked_member_enters_whatever_the_provider_says_of_the_address():
    moved = Vouched(ANN.issuer, ANN.subject, "other@elsewhere.example", email_verified=False)
    assert admit(RULES, moved, known(account(), member(), linked=True)) == Enter(USER)


def test_an_owner_who_has_a_password_enters_by_it_even_if_linked_before():
    with pytest.raises(LinkNeedsProof):
        admit(RULES, ANN, known(account(), member(Role.OWNER), linked=True))
    provided = replace(account(), password_hash=None)
    assert admit(RULES, ANN, known(provided, member(Role.OWNER), linked=True)) == Enter(USER)


def test_a_linked_person_who_was_removed_joins_only_by_a_rule():
    assert admit(RULES, ANN, known(account(), None, linked=True)) == Join(USER, Role.MEMBER)
    with pytest.raises(NoMembership):
        admit(Rules(), ANN, known(account(), None, linked=True))


def test_an_ordinary_member_of_a_trusted_domain_is_linked():
    assert admit(RULES, ANN, known(account(), member())) == Link(USER)


@pytest.mark.parametrize(
    ("rules", "place", "error"),
    [
        (RULES, member(Role.OWNER), LinkNeedsProof),
        (Rules(group_roles={"staff": Role.ADMIN}, groups_claim="groups"), member(), LinkNeedsProof),
        (Rules(domains=frozenset({"ample.com"})), member(), LinkNeedsProof),
        (RULES, None, NoMembership),
        (RULES, member(active=False), NoMembership),
    ],
)
def test_an_account_that_has_something_to_lose_is_not_linked_by_its_address(rules, place, error):
    with pytest.raises(error):
        admit(rules, ANN, known(account(), place))


def test_an_operator_never_gets_in_linked_or_not():
    for linked in (True, False):
        with pytest.raises(NoMembership):
            admit(RULES, ANN, known(account(operator=True), member(), linked=linked))


def test_a_disabled_account_stays_outside():
    for linked in (True, False):
        with pytest.raises(AccountDisabled):
            admit(RULES, ANN, known(account(disabled=True), member(), linked=linked))


@pytest.mark.parametrize("address", [None, "ann@example.com"])
def test_without_a_verified_address_nobody_begins(address):
    with pytest.raises(EmailNotVerified):
        admit(RULES, Vouched("i", "s", address, email_verified=False), known())


@pytest.mark.parametrize(
    "address",
    ["a@evil-example.com", "a@sub.example.com", "a@example.com.evil.org", "a@xample.com"],
)
def test_only_the_very_domain_counts(address):
    with pytest.raises(NoMembership):
        admit(RULES, Vouched("i", "s", address, email_verified=True), known())


def test_a_connected_site_lets_in_and_the_highest_role_counts():
    rules = Rules(domains=frozenset({"example.com"}), domain_role=Role.VIEWER, site_role=Role.ADMIN)
    person = Vouched("i", "s", "ann@example.com", email_verified=True, sites=frozenset({"https://a", "https://b"}))
    assert admit(rules, person, known(sites=["https://b"])) == Create("ann@example.com", "ann", Role.ADMIN)
    assert admit(rules, person, known(sites=["https://c"])) == Create("ann@example.com", "ann", Role.VIEWER)


ROLES = st.sampled_from([Role.ADMIN, Role.MEMBER, Role.VIEWER])


@given(
    rules=st.builds(
        Rules,
        domains=st.frozensets(st.sampled_from(["example.com", "b.example"])),
        domain_role=st.none() | ROLES,
        groups_claim=st.just("groups"),
        group_roles=st.dictionaries(st.sampled_from(["x", "y"]), ROLES),
        site_role=st.none() | ROLES,
    ),
    email=st.none() | st.sampled_from(["ann@example.com", "ann@b.example", "ann@c.example"]),
    verified=st.booleans(),
    groups=st.frozensets(st.sampled_from(["x", "y", "z"])),
    sites=st.frozensets(st.sampled_from(["https://a", "https://b"])),
    operator=st.booleans(),
    disabled=st.booleans(),
    role=st.none() | st.sampled_from(list(Role)),
    active=st.booleans(),
    linked=st.booleans(),
    exists=st.booleans(),
)
def test_no_combination_takes_anybody_over(
    rules, email, verified, groups, sites, operator, disabled, role, active, linked, exists
):
    person = account(operator=operator, disabled=disabled) if exists else None
    place = member(role, active=active) if exists and role is not None else None
    vouched = Vouched("i", "s", email, email_verified=verified, groups=groups, sites=sites)
    try:
        decision = admit(rules, vouched, Known(person, linked and exists, place, frozenset({"https://a"})))
    except AppError:
        return
    assert not (exists and (operator or disabled))
    match decision:
        case Link():
            assert verified and place is not None and place.active and place.role is not Role.OWNER
            assert email is not None and email.partition("@")[2] in rules.domains
        case Enter():
            assert linked and place is not None and place.active
        case Join(_, granted):
            assert linked and place is None and granted is not Role.OWNER
        case Create(_, _, granted):
            assert not exists and verified and granted is not Role.OWNER


def test_rules_that_make_no_sense_are_refused():
    for kind, rules in (
        (Kind.OIDC, Rules(domain_role=Role.OWNER)),
        (Kind.OIDC, Rules(groups_claim="g", group_roles={"x": Role.OWNER})),
        (Kind.OIDC, Rules(site_role=Role.VIEWER)),
        (Kind.OIDC, Rules(group_roles={"x": Role.VIEWER})),
        (Kind.ATLASSIAN, Rules(groups_claim="groups")),
    ):
        with pytest.raises(ProviderRulesWrong):
            check_rules(kind, rules)
    with pytest.raises(PublicDomain):
        check_rules(Kind.OIDC, Rules(domains=frozenset({"example.com", "gmail.com"})))
