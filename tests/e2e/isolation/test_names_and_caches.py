"""Filters, caches, keys of idempotency and addresses of files: what could let one tenant's data into another's."""

import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import redis
from surface.answers import difference, everything_of
from surface.things import ID, Things
from surface.vocabulary import FILTER, meaning
from two_tenants import Request, TwoTenants

from common.testing.system import Json, System

#: What a filter is called on a card.
_ON_CARD = {"label": "labels", "component": "components", "fix_version": "fix_versions"}


def _values(card: Json, name: str) -> set[str]:
    found = card.get(_ON_CARD.get(name, name))
    texts = found if isinstance(found, list) else [found]
    named = [one.get("key") or one.get("id") or one.get("name") if isinstance(one, dict) else one for one in texts]
    return {str(one) for one in named if one}


def test_filters_find_only_ones_own_like_named_issues(two_tenants: TwoTenants) -> None:
    cards = {things: things.tenant.owner.items("/issues?limit=200") for things in (two_tenants.a, two_tenants.b)}
    tried = 0
    for operation in two_tenants.operations:
        for place in operation.places:
            if place.part != "query" or meaning(operation, place) != FILTER:
                continue
            of_a = set().union(*(_values(card, place.name) for card in cards[two_tenants.a]))
            of_b = set().union(*(_values(card, place.name) for card in cards[two_tenants.b]))
            assert of_a, f"nothing of A has a {place.name}"
            never = f"never{secrets.token_hex(4)}"
            nothing = Request("GET", operation.path, {place.name: never}).send(two_tenants.intruder)
            for value in (*sorted(of_a - of_b)[:1], *sorted(of_a & of_b)[:1]):
                answer = Request("GET", operation.path, {place.name: value}).send(two_tenants.intruder)
                shown = {found.group() for found in ID.finditer(everything_of(answer))}
                assert not shown & two_tenants.ids_of_a, f"{operation} {place}={value}"
                assert value in of_b or difference(answer, value, nothing, never) is None, f"{place}={value}"
                tried += 1
    assert tried >= 10


def test_every_key_in_the_cache_names_its_tenant(two_tenants: TwoTenants, system: System) -> None:
    """A key that names no tenant holds counters of people, never anything that was read for one."""
    issue = two_tenants.a.issue["id"]
    two_tenants.a.tenant.owner.ask("GET", f"/issues/{issue}?expand=comments,history")
    with redis.Redis.from_url(system.env["REDIS_URL"]) as cache:
        keys = [key.decode(errors="replace") for key in cache.scan_iter("*")]
    bodies = [key for key in keys if key.startswith("gateway:{")]
    assert bodies
    assert [key for key in keys if not key.startswith(("gateway:{", *COUNTERS))] == []


#: Counters of tries and requests, and nothing else.
COUNTERS = ("LIMITS:", "limits:", "gate:", "auth:")


def test_what_one_tenant_put_into_the_cache_is_not_served_to_another(two_tenants: TwoTenants, system: System) -> None:
    """Same issue, same text: A's renderings are forged, and B, who has not read it yet, gets its own."""
    forged = f"zqforged{secrets.token_hex(4)}"
    key = next(
        card["key"]
        for card in two_tenants.b.tenant.owner.items("/issues?limit=200")
        if card["key"] != two_tenants.b.issue["key"]
    )
    text = f"zqcached{secrets.token_hex(4)}"
    system.simulator("datacenter").edit(key, comment=text)
    a, b = two_tenants.a.tenant, two_tenants.b.tenant
    for tenant in (a, b):
        tenant.owner.wait(f"/issues?q={text}", lambda page: len(page["items"]) == 1)
    a.owner.ask("GET", f"/issues/{key}/comments?connection={a.connection}&limit=200")
    with redis.Redis.from_url(system.env["REDIS_URL"]) as cache:
        touched = [name for name in cache.scan_iter("gateway:{*}:body:*") if text.encode() in (cache.get(name) or b"")]
        assert touched, "the comment is not cached"
        for name in touched:
            cache.set(name, f'["<p>{forged}</p>","{forged}"]', keepttl=True)
    shown = b.owner.call("GET", f"/api/v1/issues/{key}/comments?limit=200").text
    assert text in shown
    assert forged not in shown


def test_an_idempotency_key_of_another_tenant_executes_anew(two_tenants: TwoTenants) -> None:
    word = secrets.token_hex(8)
    a, b = two_tenants.a, two_tenants.b
    requests: dict[str, Callable[[Things], Json]] = {
        "/exports": lambda things: {
            "source": {"issues": [b.issue["key"]], "connection": things.tenant.connection},
        },
        "/users": lambda things: {
            "email": f"{word}@{things.tenant.slug}.example.com",
            "role": "viewer",
            "password": f"{secrets.token_urlsafe(18)}-x",
        },
    }
    for path, body_of in requests.items():
        answers = []
        for things in (a, b):
            headers = {"Idempotency-Key": f"key-{word}"}
            answers.append(things.tenant.owner.call("POST", f"/api/v1{path}", json=body_of(things), headers=headers))
        assert [answer.status_code // 100 for answer in answers] == [2, 2], f"{path}: {[a.text for a in answers]}"
        ids = [answer.json()["id"] for answer in answers]
        assert ids[0] != ids[1]
        assert ids[0] not in answers[1].text


def _address(two_tenants: TwoTenants, which: str) -> str:
    things = {"a": two_tenants.a, "b": two_tenants.b}[which]
    answer = things.tenant.owner.call("GET", f"/api/v1/exports/{things.of('export')[0]}/content")
    assert answer.status_code == httpx.codes.TEMPORARY_REDIRECT, answer.text
    return answer.headers["location"]


def test_an_address_of_a_file_opens_that_file_alone(two_tenants: TwoTenants) -> None:
    """B's signature with A's path, A's path without any, and the folder: refused as for a file that never was."""
    with httpx.Client(trust_env=False) as client:
        own, other = urlsplit(_address(two_tenants, "b")), urlsplit(_address(two_tenants, "a"))
        assert client.get(own.geturl()).content.startswith(b"%PDF")
        never = other.path.rpartition("/")[0] + "/" + secrets.token_hex(8)
        for query in (own.query, "", "list-type=2", "response-content-type=text/html"):
            answers = [client.get(other._replace(path=path, query=query).geturl()) for path in (other.path, never)]
            assert [answer.status_code for answer in answers] == [403, 403], query[:40]
        folder = client.get(other._replace(path="/" + other.path.split("/")[1], query="").geturl())
        assert folder.status_code in {403, 404}
