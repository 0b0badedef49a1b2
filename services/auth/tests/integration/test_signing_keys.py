"""Signing keys: rotated without anybody noticing, and a leaked one withdrawn at once."""

from datetime import timedelta

import jwt

from auth.usecases.rotate_signing_keys import list_signing_keys, revoke_signing_key, rotate_signing_keys


def kid_of(client):
    return jwt.get_unverified_header(client.signed["access_token"])["kid"]


async def _audited(test_database):
    admin = await test_database.admin()
    rows = await admin.fetch("SELECT convert_from(event, 'UTF8') AS event FROM auth.outbox")
    await admin.close()
    return [row["event"] for row in rows if '"key.rotated"' in row["event"]]


async def test_a_rotation_leaves_signed_in_people_signed_in_and_is_audited(auth, test_database):
    before = await auth.owner()
    auth.clock.move(timedelta(minutes=16))
    await rotate_signing_keys(auth.app, at_once=True)
    after = await auth.owner()
    assert kid_of(before) != kid_of(after)
    assert (await before.call("GET", "/me")).status_code == 200
    (entry,) = await _audited(test_database)
    assert kid_of(after) in entry


async def test_a_revoked_key_vouches_for_nothing_and_refresh_goes_on(auth, test_database):
    owner = await auth.owner()
    leaked = kid_of(owner)
    assert (await owner.call("GET", "/me")).status_code == 200
    assert await revoke_signing_key(auth.app, leaked)
    auth.web.state.verifier._asked_at = float("-inf")
    await auth.web.state.verifier._refresh()
    assert (await owner.call("GET", "/me")).status_code == 401
    owner.signed = (await owner.refresh()).json()
    assert kid_of(owner) != leaked
    assert (await owner.call("GET", "/me")).status_code == 200
    shown = (await auth.http.get("/.well-known/jwks.json")).json()["keys"]
    assert leaked not in {key["kid"] for key in shown}
    assert any("revoked" in entry and leaked in entry for entry in await _audited(test_database))


async def test_revoking_the_next_or_an_unknown_key_leaves_a_whole_ring(auth):
    await auth.owner()
    states = {life.state.value: life.kid for life in await list_signing_keys(auth.app)}
    assert await revoke_signing_key(auth.app, states["next"])
    assert not await revoke_signing_key(auth.app, "unknown")
    now = {life.state.value: life.kid for life in await list_signing_keys(auth.app)}
    assert now["current"] == states["current"]
    assert now["next"] != states["next"]
