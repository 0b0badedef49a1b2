"""Options in, the credentials the site accepts out: a main account and one with fewer rights."""

from dataclasses import dataclass

from jira_simulator.generate.people import account_id
from jira_simulator.model.records import Account, Personality, User
from jira_simulator.model.site import Site


@dataclass(frozen=True, slots=True)
class Credentials:
    """Cloud takes e-mail and API token, Data Center name and password or a personal access token."""

    email: str = "sim@example.com"
    token: str = "sim-cloud-token"
    user: str = "sim"
    password: str = "sim-dc-password"
    pat: str = "sim-dc-pat"
    limited_email: str = "sim-limited@example.com"
    limited_token: str = "sim-cloud-limited-token"
    limited_user: str = "sim-limited"
    limited_password: str = "sim-dc-limited-password"
    limited_pat: str = "sim-dc-limited-pat"


@dataclass(frozen=True, slots=True)
class Door:
    """Which Authorization values lead to which account."""

    basic: dict[tuple[str, str], Account]
    bearer: dict[str, Account]
    main: Account
    limited: Account


def open_door(site: Site, credentials: Credentials) -> Door:
    """Adds the two account owners to the site's people."""
    cloud = site.personality is Personality.CLOUD
    main_zone, limited_zone = ("America/New_York", "Asia/Tokyo") if cloud else ("Asia/Yekaterinburg", "Europe/Berlin")
    main_user = User(
        id=account_id("sim") if cloud else "JIRAUSER10001",
        name=credentials.user,
        display_name="Simulator Admin",
        email=credentials.email,
        time_zone=main_zone,
    )
    limited_user = User(
        id=account_id("sim-limited") if cloud else "JIRAUSER10002",
        name=credentials.limited_user,
        display_name="Simulator Limited",
        email=credentials.limited_email,
        time_zone=limited_zone,
    )
    for user in (main_user, limited_user):
        site.users[user.id] = user
    roles = frozenset({"Administrators", "Developers", "jira-administrators"})
    main = Account(main_user, admin=True, sees_private=True, levels=frozenset(site.catalogue.levels), roles=roles)
    limited = Account(limited_user, admin=False, sees_private=False, levels=frozenset(), roles=frozenset())
    if cloud:
        basic = {
            (credentials.email, credentials.token): main,
            (credentials.limited_email, credentials.limited_token): limited,
        }
        return Door(basic, {}, main, limited)
    basic = {
        (credentials.user, credentials.password): main,
        (credentials.limited_user, credentials.limited_password): limited,
    }
    return Door(basic, {credentials.pat: main, credentials.limited_pat: limited}, main, limited)
