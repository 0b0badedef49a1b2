from dataclasses import replace
from uuid import UUID

from common.ids import ConnectionId, TenantId, new_id
from common.issues.access import Access, ConnectionAccess
from common.issues.connected import LiveConnection

TENANT = TenantId(new_id())
ONE, TWO = (LiveConnection(ConnectionId(new_id()), "https://jira.example.com", None, None) for _ in range(2))
WHOLE = ConnectionAccess(ONE, whole=True)
SOME = ConnectionAccess(ONE, projects=frozenset({1, 2}))


def access(*connections: ConnectionAccess) -> Access:
    return Access(TENANT, connections)


def test_every_right_changes_the_fingerprint() -> None:
    held = [
        WHOLE,
        SOME,
        replace(SOME, projects=frozenset({1})),
        replace(SOME, levels=frozenset({"1"})),
        replace(SOME, classes=frozenset({"1"})),
        replace(WHOLE, connection=TWO),
    ]
    prints = {access(each).fingerprint for each in held} | {access().fingerprint, access(WHOLE, SOME).fingerprint}
    assert len(prints) == len(held) + 2
    assert Access(TenantId(new_id()), (WHOLE,)).fingerprint not in prints


def test_the_same_rights_have_the_same_fingerprint_whatever_their_order_and_freshness() -> None:
    fresh = replace(ONE, complete_as_of=None, base_url="https://moved.example.com")
    other = replace(WHOLE, connection=TWO)
    assert access(WHOLE, other).fingerprint == access(other, replace(WHOLE, connection=fresh)).fingerprint


def test_migrations_rest_on_the_form_of_a_connections_fingerprint() -> None:
    connection = replace(ONE, connection_id=ConnectionId(UUID(int=7)))
    assert ConnectionAccess(connection, whole=True).fingerprint == "0b951933385134c75f466e95"


def test_a_file_is_covered_while_its_connections_are_seen_alike() -> None:
    other = replace(WHOLE, connection=TWO)
    made = access(SOME, other).prints_of({ONE.connection_id})
    assert access(SOME).covers(made)
    assert not access(WHOLE).covers(made)
    assert not access(replace(SOME, levels=frozenset({"1"}))).covers(made)
    both = access(SOME, other).prints_of({ONE.connection_id, TWO.connection_id})
    assert access(other, SOME).covers(both)
    assert not access(SOME).covers(both)
    assert not access(SOME).covers("")


def test_rights_of_one_connection_are_bound_to_it() -> None:
    held = ConnectionAccess(ONE, projects=frozenset({5}), levels=frozenset({"10"}), classes=frozenset({"role:A"}))
    given = access(held, ConnectionAccess(TWO, whole=True)).parameters()
    assert given["whole"] == [TWO.connection_id]
    for name in ("project_connections", "level_connections", "class_connections"):
        assert given[name] == [ONE.connection_id]
    assert access(held).reach == "some"
    assert access(WHOLE).reach == "whole"
    assert access(held, ConnectionAccess(TWO, whole=True)).reach == "mixed"
    assert access(held, WHOLE).narrowed([TWO.connection_id]).connections == ()
