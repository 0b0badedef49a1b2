"""Roles, members, seats, passwords, claims and cursors: the small rules."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, TypeAdapter, ValidationError

from auth.domain.accounts import Account, Place, Tenant, TenantState
from auth.domain.claims import Issuer, access_claims
from auth.domain.errors import AccountDisabled, InvalidCursor, LastOwner, NoMembership, OwnerOnly, WeakPassword
from auth.domain.members import Member, check_change, check_grant
from auth.domain.passwords import check_new_password, random_password
from auth.domain.platform import PLATFORM
from auth.domain.roles import ALL_SCOPES, OPERATOR_SCOPES, Role, scopes_of
from auth.domain.seats import OPERATOR_SEAT, choose_seat, seat_in
from auth.inbound.paging import Cursors
from auth.settings import KeySettings, Settings
from common.contracts.http.auth import EmailAddress, LoginRequest, NewTenant
from common.ids import SessionId, TenantId, UserId, new_id, public_id
from common.web.tokens import SCOPES

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def place(slug: str, role: Role = Role.MEMBER) -> Place:
    tenant = Tenant(TenantId(new_id()), slug, slug.title(), TenantState.ACTIVE, DAY, 10 * DAY, NOW)
    return Place(tenant, role)


def account(*, disabled: bool = False, operator: bool = False) -> Account:
    return Account(UserId(new_id()), "a@example.com", "A", "en", "hash", disabled, operator)


def test_a_stronger_role_may_all_that_a_weaker_one_may():
    assert scopes_of(Role.VIEWER) < scopes_of(Role.MEMBER) < scopes_of(Role.ADMIN) <= scopes_of(Role.OWNER)


def test_the_operator_holds_no_scope_of_a_tenant():
    assert not OPERATOR_SCOPES & scopes_of(Role.OWNER)


def test_every_scope_that_is_given_is_one_that_routes_may_ask_for():
    assert set(SCOPES) >= ALL_SCOPES


@pytest.mark.parametrize("after", [None, Role.ADMIN, Role.VIEWER])
def test_the_last_owner_stays_owner(after):
    owner = Member(UserId(new_id()), Role.OWNER)
    change = None if after is None else Member(owner.user, after)
    with pytest.raises(LastOwner):
        check_change(Role.OWNER, owner, change, active_owners=1)
    check_change(Role.OWNER, owner, change, active_owners=2)


def test_the_last_owner_cannot_be_switched_off():
    owner = Member(UserId(new_id()), Role.OWNER)
    with pytest.raises(LastOwner):
        check_change(Role.OWNER, owner, Member(owner.user, Role.OWNER, active=False), active_owners=1)


def test_an_owner_who_is_switched_off_does_not_count_as_the_last_one():
    owner = Member(UserId(new_id()), Role.OWNER, active=False)
    check_change(Role.OWNER, owner, None, active_owners=1)


@pytest.mark.parametrize("actor", [Role.ADMIN, Role.MEMBER, Role.VIEWER])
def test_only_owners_make_change_and_remove_owners(actor):
    owner, member = Member(UserId(new_id()), Role.OWNER), Member(UserId(new_id()), Role.MEMBER)
    with pytest.raises(OwnerOnly):
        check_grant(actor, Role.OWNER)
    with pytest.raises(OwnerOnly):
        check_change(actor, owner, None, active_owners=5)
    with pytest.raises(OwnerOnly):
        check_change(actor, member, Member(member.user, Role.OWNER), active_owners=5)


def test_without_a_wish_one_enters_the_tenant_joined_first():
    first, second = place("first"), place("second")
    assert choose_seat(account(), [first, second], None) == seat_in(first)


def test_a_tenant_is_wished_for_by_slug_or_by_id():
    first, second = place("first"), place("second")
    for wanted in ("second", public_id("ten", second.tenant.tenant)):
        assert choose_seat(account(), [first, second], wanted) == seat_in(second)


def test_operators_get_the_platform_unless_they_wish_for_a_tenant_of_theirs():
    assert choose_seat(account(operator=True), [], None) is OPERATOR_SEAT
    with pytest.raises(NoMembership):
        choose_seat(account(operator=True), [], "demo")


def test_who_belongs_nowhere_gets_in_nowhere():
    with pytest.raises(NoMembership):
        choose_seat(account(), [], None)


def test_a_disabled_account_gets_no_seat():
    with pytest.raises(AccountDisabled):
        choose_seat(account(disabled=True), [place("demo")], None)


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 11, "x" * 129, "aaaaaaaaaaaaaaaa", "ababababababab", "someone@example.com"]
)
def test_weak_passwords_are_refused(password):
    with pytest.raises(WeakPassword):
        check_new_password(password, "someone@example.com")


def test_long_phrases_and_made_up_passwords_are_taken():
    for password in ("correct horse battery", "пароль из двенадцати", random_password(), ("x1y2 a7Kq" * 15)[:128]):
        check_new_password(password, "someone@example.com")


def test_the_platform_is_not_named_in_claims():
    issuer = Issuer("i", "a", timedelta(minutes=10))
    claims = access_claims(
        issuer, OPERATOR_SEAT, user=UserId(new_id()), session=SessionId(new_id()), token=new_id(), now=NOW
    )
    assert OPERATOR_SEAT.tenant == PLATFORM
    assert "tenant" not in claims
    assert claims["exp"] - claims["iat"] == 600


CURSORS = Cursors(b"s" * 32, "users:1")


@given(st.uuids())
def test_a_cursor_comes_back_as_the_id_it_was_made_of(last):
    assert CURSORS.read(CURSORS.written(last, NOW), NOW + timedelta(hours=23)) == last


def test_a_cursor_is_good_for_its_own_list_and_a_day():
    cursor = CURSORS.written(UUID(int=7), NOW)
    with pytest.raises(InvalidCursor):
        Cursors(b"s" * 32, "users:2").read(cursor, NOW)
    with pytest.raises(InvalidCursor):
        CURSORS.read(cursor, NOW + timedelta(hours=25))


@given(st.one_of(st.text(max_size=60), st.binary(max_size=60).map(lambda raw: urlsafe_b64encode(raw).decode())))
def test_a_foreign_cursor_is_refused(cursor):
    with pytest.raises(InvalidCursor):
        CURSORS.read(cursor, NOW)


def test_addresses_are_stored_in_one_form():
    address = TypeAdapter(EmailAddress)
    assert address.validate_python("A.B@Example.COM") == "a.b@example.com"
    assert address.validate_python("root@corp.local") == "root@corp.local"


@given(st.text(max_size=40))
def test_no_text_breaks_the_check_of_an_address(text):
    try:
        TypeAdapter(EmailAddress).validate_python(text)
    except ValidationError:
        return
    assert "@" in text


@pytest.mark.parametrize("slug", ["", "A", "-a", "a-", "a b", "a" * 64, "a\n", "ы"])
def test_slugs_are_plain(slug):
    with pytest.raises(ValidationError):
        NewTenant.model_validate({"name": "N", "slug": slug, "owner": {"email": "a@example.com"}})


def test_a_password_does_not_show_in_the_representation_of_a_request():
    body = LoginRequest(email="a@example.com", password=SecretStr("very secret words"))
    assert "very secret" not in repr(body)


def test_settings_refuse_a_key_that_ends_before_its_tokens():
    base = {
        "http": {"port": 1, "internal_port": 2},
        "postgres": {"dsn": "postgresql://x"},
        "kafka": {"bootstrap": "x"},
        "tokens": {"jwks_url": "http://x"},
        "internal": {"secret": "s" * 32},
        "crypto": {"master_keys": {"k1": "x"}, "active_key": "k1"},
    }
    Settings(**base)
    with pytest.raises(ValidationError, match="SHOWN_AFTER"):
        Settings(**base, signing_keys=KeySettings(shown_after=timedelta(minutes=10)))
    with pytest.raises(ValidationError, match="SHOWN_BEFORE"):
        Settings(**base, signing_keys=KeySettings(shown_before=timedelta(minutes=5)))
    with pytest.raises(ValidationError):
        Settings(**base, access_token_life=timedelta(minutes=11))
