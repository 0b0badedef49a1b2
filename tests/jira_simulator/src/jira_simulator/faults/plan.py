"""What `/_sim/faults` was told in, what happens to the next request or webhook out."""

import random
import re
from dataclasses import dataclass, field
from typing import Any


class BadFault(ValueError):
    """The body of `/_sim/faults` says something the simulator does not know."""


@dataclass(slots=True)
class FaultRule:
    """`path` is a prefix or a regular expression; `truncate` is True for half the body or a number of bytes."""

    path: str
    method: str | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    times: int | None = None
    probability: float = 1.0
    reset: bool = False
    truncate: bool | int = False
    latency_ms: int = 0
    pattern: re.Pattern[str] = field(default_factory=lambda: re.compile(""))

    def fits(self, method: str, path: str) -> bool:
        if self.times == 0 or (self.method is not None and self.method != method):
            return False
        return path.startswith(self.path) or self.pattern.search(path) is not None

    def as_json(self) -> dict[str, Any]:
        names = (
            "path",
            "method",
            "status",
            "headers",
            "body",
            "times",
            "probability",
            "reset",
            "truncate",
            "latency_ms",
        )
        return {name: getattr(self, name) for name in names}


@dataclass(slots=True)
class WebhookFaults:
    """Probabilities from 0 to 1; `delay_ms` is a range."""

    lose: float = 0.0
    double: float = 0.0
    delay_ms: tuple[int, int] = (0, 0)
    reorder: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {"lose": self.lose, "double": self.double, "delay_ms": list(self.delay_ms), "reorder": self.reorder}


_RULE_KEYS = {
    "path": str,
    "method": str,
    "status": int,
    "headers": dict,
    "times": int,
    "probability": int | float,
    "reset": bool,
    "truncate": bool | int,
    "latency_ms": int,
}


@dataclass(slots=True)
class FaultPlan:
    latency_ms: int = 0
    rules: list[FaultRule] = field(default_factory=list)
    webhooks: WebhookFaults = field(default_factory=WebhookFaults)
    seed: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(0))

    def schedule(self, body: dict[str, Any]) -> None:
        """Adds rules to those that stand; the other parts replace what was said before."""
        unknown = set(body) - {"seed", "latency_ms", "index_lag_ms", "rules", "webhooks"}
        if unknown:
            raise BadFault(f"unknown: {', '.join(sorted(unknown))}")
        rules = [_rule(entry) for entry in _list(body.get("rules", []), "rules")]
        webhooks = _webhooks(body["webhooks"]) if "webhooks" in body else self.webhooks
        if "seed" in body:
            self.seed = whole(body["seed"], "seed")
            self.rng = random.Random(self.seed)
        if "latency_ms" in body:
            self.latency_ms = whole(body["latency_ms"], "latency_ms")
        self.rules.extend(rules)
        self.webhooks = webhooks

    def clear(self) -> None:
        self.latency_ms = 0
        self.rules.clear()
        self.webhooks = WebhookFaults()

    def next_fault(self, method: str, path: str) -> FaultRule | None:
        """The first rule that fits and whose dice agree; its `times` are counted down."""
        for rule in self.rules:
            if rule.fits(method, path) and self.rng.random() < rule.probability:
                if rule.times is not None:
                    rule.times -= 1
                return rule
        return None

    def as_json(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "latency_ms": self.latency_ms,
            "rules": [rule.as_json() for rule in self.rules],
            "webhooks": self.webhooks.as_json(),
        }


def whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadFault(f"{name} must be a whole number of at least 0")
    return value


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadFault(f"{name} must be a list")
    return value


def _share(value: Any, name: str) -> float:
    """True and False are read as always and never."""
    if not isinstance(value, bool | int | float) or not 0 <= value <= 1:
        raise BadFault(f"{name} must be between 0 and 1")
    return float(value)


def _rule(entry: Any) -> FaultRule:
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise BadFault("a rule needs a path")
    given = {name: value for name, value in entry.items() if value is not None}
    for name, value in given.items():
        if name != "body" and (name not in _RULE_KEYS or not isinstance(value, _RULE_KEYS[name])):
            raise BadFault(f"rule: {name} is unknown or has the wrong type")
    try:
        pattern = re.compile(given["path"])
    except re.error as broken:
        raise BadFault(f"rule: path is no regular expression: {broken}") from None
    headers = {str(name): str(value) for name, value in given.pop("headers", {}).items()}
    rule = FaultRule(**given, headers=headers, pattern=pattern)
    rule.method = rule.method.upper() if rule.method else None
    rule.probability = _share(rule.probability, "probability")
    return rule


def _webhooks(value: Any) -> WebhookFaults:
    if not isinstance(value, dict) or set(value) - {"lose", "double", "delay_ms", "reorder"}:
        raise BadFault("webhooks has lose, double, delay_ms and reorder")
    delay = value.get("delay_ms") or [0, 0]
    if isinstance(delay, int):
        delay = [delay, delay]
    if not isinstance(delay, list) or len(delay) != 2 or whole(delay[0], "delay_ms") > whole(delay[1], "delay_ms"):
        raise BadFault("delay_ms must be [least, most]")
    return WebhookFaults(
        lose=_share(value.get("lose", 0), "lose"),
        double=_share(value.get("double", 0), "double"),
        delay_ms=(delay[0], delay[1]),
        reorder=_share(value.get("reorder", 0), "reorder"),
    )
