import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_gateway.gate.domain.charges import Member, charges_for, network_of, tenant_limit
from api_gateway.gate.domain.gcra import Charge, Limit, LocalBuckets
from api_gateway.gate.settings import Concurrency, GateSettings
from common.ids import SessionId, TenantId, UserId, new_id

SECOND = 1_000_000
TEN = Limit("ten", per_minute=60, burst=10)
RATES = GateSettings().rates()


def test_a_burst_goes_through_and_then_one_a_second() -> None:
    buckets, charge = LocalBuckets(), (Charge(TEN, "a"),)
    left = [buckets.charge(charge, 1, 0).standings[0].remaining for _ in range(10)]
    assert left == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    refused = buckets.charge(charge, 1, 0)
    assert (refused.refused_by, refused.retry_after) == (TEN, 1)
    assert buckets.charge(charge, 1, SECOND - 1).refused_by is TEN
    assert buckets.charge(charge, 1, SECOND).refused_by is None
    assert buckets.charge(charge, 1, SECOND).refused_by is TEN


def test_what_is_refused_costs_nothing_anywhere() -> None:
    wide, narrow = Charge(Limit("wide", 6000, 100), "w"), Charge(TEN, "n")
    buckets = LocalBuckets()
    for _ in range(50):
        buckets.charge((wide, narrow), 1, 0)
    after = buckets.charge((wide,), 1, 0)
    assert after.standings[0].remaining == 100 - 10 - 1


def test_a_dear_request_takes_more_and_one_above_the_burst_takes_all() -> None:
    buckets, charge = LocalBuckets(), (Charge(TEN, "a"),)
    assert buckets.charge(charge, 5, 0).standings[0].remaining == 5
    assert buckets.charge(charge, 50, 0).refused_by is TEN
    assert buckets.charge(charge, 50, 5 * SECOND).standings[0].remaining == 0
    assert buckets.charge(charge, 1, 5 * SECOND).retry_after == 1


def test_as_long_as_it_says_is_long_enough_to_wait() -> None:
    buckets, charge = LocalBuckets(), (Charge(Limit("odd", 7, 3), "a"),)
    now = 0
    for _ in range(20):
        found = buckets.charge(charge, 2, now)
        if found.refused_by:
            now += found.retry_after * SECOND
            assert buckets.charge(charge, 2, now).refused_by is None


@given(
    st.integers(1, 100_000),
    st.integers(1, 5_000),
    st.lists(st.tuples(st.integers(0, 3 * SECOND), st.integers(1, 20)), max_size=60),
)
def test_never_more_than_the_burst_and_the_rate_over_any_stretch(
    per_minute: int, burst: int, asked: list[tuple[int, int]]
) -> None:
    limit = Limit("any", per_minute, burst)
    buckets, now, let_through = LocalBuckets(), 0, 0
    for pause, cost in asked:
        now += pause
        if buckets.charge((Charge(limit, "a"),), cost, now).refused_by is None:
            let_through += min(cost, burst)
        assert let_through <= burst + now // limit.interval


def test_forgotten_callers_are_the_oldest_and_memory_stays_bounded() -> None:
    buckets = LocalBuckets(most=100)
    for number in range(1000):
        buckets.charge((Charge(TEN, str(number)),), 1, 0)
    assert len(buckets._empty_at) == 100
    assert buckets.charge((Charge(TEN, "999"),), 1, 0).standings[0].remaining == 8


def test_a_tenant_may_want_less_but_never_more() -> None:
    operators = Limit("tenant", 1000, 100)
    assert tenant_limit(operators, 100) == Limit("tenant", 100, 10)
    assert tenant_limit(operators, 100_000) is operators
    assert tenant_limit(operators, None) is operators


def test_keys_of_one_request_share_a_slot_and_no_two_tenants_a_key() -> None:
    user, session = UserId(new_id()), SessionId(new_id())
    tenants = [TenantId(new_id()), TenantId(new_id())]
    keys = [
        {charge.key for charge in charges_for(Member(user, session, tenant), "192.0.2.1", RATES, None)}
        for tenant in tenants
    ]
    assert keys[0].isdisjoint(keys[1])
    for found in keys:
        assert len({key.partition("{")[2].partition("}")[0] for key in found}) == 1
        assert len(found) == 4
    assert [charge.limit.name for charge in charges_for(None, "192.0.2.1", RATES, None)] == ["address"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::1", "2001:db8:1:2::/64"),
        ("not an address}", "unknown"),
    ],
)
def test_an_address_counts_as_the_network_of_one_customer(address: str, network: str) -> None:
    assert network_of(address) == network


def test_one_node_alone_lets_its_share_through() -> None:
    share = RATES.share(4)
    assert (share.tenant.per_minute, share.tenant.burst) == (RATES.tenant.per_minute // 4, RATES.tenant.burst // 4)


def test_a_tenant_that_may_hold_every_place_is_a_mistake_of_the_settings() -> None:
    with pytest.raises(ValueError, match="per_tenant"):
        Concurrency(places=2, per_tenant=3)
