"""The generated projects of each personality; keys differ, so that both can be mirrored side by side."""

from jira_simulator.model.records import Component, Named, Personality, Project, User, Version

# Key, name, kind, private, share of the issues. START and POWER are reserved words of JQL: clients have to quote.
_CLOUD = (
    ("SHOP", "Online Shop", "software", False, 38),
    ("MOB", "Mobile App", "software", False, 26),
    ("OPS", "Operations", "business", False, 20),
    ("START", "Onboarding", "software", False, 8),
    ("VAULT", "Security Vault", "software", True, 8),
    ("OLD", "Old Intranet", "business", False, 0),
)
_DATACENTER = (
    ("CORE", "Core Platform", "software", False, 38),
    ("WEB", "Web Portal", "software", False, 26),
    ("INFRA", "Infrastruktur", "business", False, 20),
    ("POWER", "Power Tools", "software", False, 8),
    ("LAB", "Closed Laboratory", "software", True, 8),
    ("LEGACY", "Legacy Intranet", "business", False, 0),
)
_COMPONENTS = ("API", "Interface", "Database", "Reports", "Интеграция")
_VERSIONS = (
    ("1.0", True, "2025-03-31"),
    ("1.1", True, "2025-09-30"),
    ("1.10", False, "2026-12-15"),
    ("2.0", False, None),
)
_TYPES = ("10000", "10001", "10002", "10004", "10003")


def projects(personality: Personality, people: list[User]) -> list[tuple[Project, int]]:
    """With the share of the issues in percent; the archived last project has none."""
    rows = _CLOUD if personality is Personality.CLOUD else _DATACENTER
    category = Named("10000", "Products", "Things we sell.")
    found = []
    for place, (key, name, kind, private, share) in enumerate(rows):
        number = 10000 + place
        project = Project(
            id=number,
            key=key,
            name=name,
            lead=people[place * 3].id,
            type_key=kind,
            category=category if kind == "software" else None,
            private=private,
            state="live" if share else "archived",
            types=_TYPES,
            components=tuple(Component(str(number * 10 + n), text) for n, text in enumerate(_COMPONENTS)),
            versions=tuple(
                Version(str(number * 10 + n), text, released, False, day)
                for n, (text, released, day) in enumerate(_VERSIONS)
            ),
        )
        found.append((project, share))
    return found
