"""The people of the generated site: Latin, Cyrillic and CJK names, in several time zones."""

import hashlib

from jira_simulator.model.records import Personality, User

_PEOPLE = (
    ("Alice Morgan", "amorgan", "Europe/London"), ("Benjamin Ortiz", "bortiz", "America/Bogota"),
    ("Chloé Lefèvre", "clefevre", "Europe/Paris"), ("David O’Connor", "doconnor", "Europe/Dublin"),
    ("Елена Соколова", "esokolova", "Europe/Moscow"), ("Игорь Васильев", "ivasilev", "Asia/Novosibirsk"),
    ("Дарья Кузнецова", "dkuznetsova", "Asia/Yekaterinburg"), ("Михаил Орлов", "morlov", "Europe/Moscow"),
    ("Žofie Nováková", "znovakova", "Europe/Prague"), ("Søren Kjær", "skjaer", "Europe/Copenhagen"),
    ("田中 美咲", "mtanaka", "Asia/Tokyo"), ("佐藤 健", "ksato", "Asia/Tokyo"), ("王 小明", "xwang", "Asia/Shanghai"),
    ("李 静", "jli", "Asia/Shanghai"), ("김 민준", "mkim", "Asia/Seoul"), ("Grace Okafor", "gokafor", "Africa/Lagos"),
    ("Hans-Jürgen Müller", "hmueller", "Europe/Berlin"), ("Ines Carvalho", "icarvalho", "Europe/Lisbon"),
    ("Jack Thompson", "jthompson", "America/New_York"), ("Katarzyna Wójcik", "kwojcik", "Europe/Warsaw"),
    ("Liam Fitzgerald", "lfitzgerald", "Australia/Sydney"), ("Maria Papadopoulou", "mpapadopoulou", "Europe/Athens"),
    ("Nikhil Sharma", "nsharma", "Asia/Kolkata"), ("Olivia Brown", "obrown", "America/Los_Angeles"),
    ("Пётр Ёлкин", "pyolkin", "Europe/Samara"), ("Quentin Dubois", "qdubois", "Europe/Brussels"),
    ("Rosa Jiménez", "rjimenez", "America/Mexico_City"), ("Tomáš Dvořák", "tdvorak", "Europe/Prague"),
    ("Ursula Meier", "umeier", "Europe/Zurich"), ("Valeria Rossi", "vrossi", "Europe/Rome"),
)  # fmt: skip
_HIDDEN_MAIL = 7
_LEFT_COMPANY = 26


def account_id(name: str) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"{digest[:6]}:{digest[6:14]}-{digest[14:18]}-{digest[18:22]}-{digest[22:26]}-{digest[26:38]}"


def user_id(personality: Personality, name: str, place: int) -> str:
    """Cloud knows people by an opaque accountId, Data Center by a key like JIRAUSER10100."""
    return account_id(name) if personality is Personality.CLOUD else f"JIRAUSER{10100 + place}"


def people(personality: Personality) -> list[User]:
    found = []
    for place, (display, name, zone_name) in enumerate(_PEOPLE):
        hidden = personality is Personality.CLOUD and place % _HIDDEN_MAIL == 3
        found.append(
            User(
                id=user_id(personality, name, place),
                name=name,
                display_name=display,
                email=None if hidden else f"{name}@example.com",
                active=place != _LEFT_COMPANY,
                time_zone=zone_name,
            )
        )
    return found
