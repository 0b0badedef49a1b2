"""Failures of a connection come in; its phase and how long to rest come out."""

from datetime import timedelta

#: Codes that no waiting mends: somebody has to give other credentials or another address.
HOPELESS = frozenset({"jira.wrong_credentials", "jira.captcha", "jira.forbidden_address", "crypto.cannot_unseal"})
#: A burst of 429 may look like a refusal, so the first ones only degrade.
PATIENCE = 3
_LONGEST_REST = timedelta(minutes=2)


def phase_after_failure(code: str, failures: int) -> str:
    """`failed` waits for a person, `degraded` goes on trying."""
    return "failed" if code in HOPELESS and failures >= PATIENCE else "degraded"


def rest_after_failure(failures: int, *, asked: timedelta | None) -> timedelta:
    """Longer with each failure in a row; never shorter than Jira asked for, within reason."""
    own = min(timedelta(seconds=2 ** min(failures, 7)), timedelta(seconds=30))
    return min(max(own, asked or timedelta()), _LONGEST_REST)


def rest_of_delivery(attempts: int) -> timedelta:
    """Before a delivery is worked off again."""
    return timedelta(seconds=min(2**attempts, 300))
