"""docs/api/authentication.md names every refusal of sign-in and of the gate with its status, and no other."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import api_gateway
import auth
from common import errors
from common.errors import AppError
from common.web.problems import HTTP_STATUS
from lints.__main__ import ROOT

PAGE = (ROOT / "docs" / "api" / "authentication.md").read_text()
AREAS = ("auth.", "limits.", "tenant.", "access.")
#: The gate writes this answer by itself, without an exception.
BY_HAND = {"limits.requests": 429}


def refusals() -> Iterator[type[AppError]]:
    for package in (auth, api_gateway):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    waiting = [errors.AppError]
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if error.code.startswith(AREAS) and error.__module__.startswith(("auth.", "api_gateway.", "common.")):
            yield error


def named() -> dict[str, int]:
    """Code → status, from the rows of the last table."""
    rows = re.findall(r"^\| (`.+?`) \| ([\d, ]+) \|", PAGE.split("## Problem codes")[1], re.MULTILINE)
    found: dict[str, int] = {}
    for codes, statuses in rows:
        each, their = re.findall(r"`([^`]+)`", codes), [int(status) for status in statuses.split(", ")]
        found |= dict(zip(each, their * len(each) if len(their) == 1 else their, strict=False))
    return found


def test_the_page_names_every_refusal_with_its_status_and_no_other():
    assert named() == {error.code: HTTP_STATUS[error.kind] for error in refusals()} | BY_HAND
