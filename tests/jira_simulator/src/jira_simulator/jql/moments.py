"""A date value of a query in, epoch milliseconds out, read as Jira reads it in the account's time zone."""

import re
from datetime import datetime

from jira_simulator.jql.errors import JqlRefused
from jira_simulator.jql.tree import Value
from jira_simulator.model.times import zone

_FORMATS = (("%Y-%m-%d %H:%M", 16), ("%Y/%m/%d %H:%M", 16), ("%Y-%m-%d", 10), ("%Y/%m/%d", 10))
_PERIOD = re.compile(r"([+-]?)((?:\s*\d+\s*[wdhm])+)", re.IGNORECASE)
_PART = re.compile(r"(\d+)\s*([wdhm])", re.IGNORECASE)
_SIZES = {"w": 7 * 86_400_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000}


def moment(field: str, value: Value, now: int, zone_name: str) -> int:
    """Bare digits are absolute epoch milliseconds; quoted dates have minutes and the zone of the account."""
    if value.function:
        if value.text.lower() == "now" and not value.arguments:
            return now
        raise JqlRefused(f"The simulator cannot evaluate the function '{value.text}()' for the field '{field}'.")
    text = value.text.strip()
    if re.fullmatch(r"-?\d+", text) and not value.quoted:
        return int(text)
    for pattern, length in _FORMATS:
        if len(text) == length:
            try:
                local = datetime.strptime(text, pattern).replace(tzinfo=zone(zone_name))
            except ValueError:
                continue
            return int(local.timestamp()) * 1000
    period = _PERIOD.fullmatch(text)
    if period is None:
        raise JqlRefused(
            f"Date value '{text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
            "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
        )
    sign = -1 if period[1] == "-" else 1
    return now + sign * sum(int(count) * _SIZES[unit.lower()] for count, unit in _PART.findall(period[2]))


def is_relative(value: Value) -> bool:
    """Whether the value means another moment at every evaluation."""
    return value.function or (_PERIOD.fullmatch(value.text.strip()) is not None and not value.text.strip().isdigit())
