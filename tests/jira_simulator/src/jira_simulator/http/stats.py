"""What was asked and sent so far, as `GET /_sim/stats` answers it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Stats:
    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    webhooks: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        requests = [
            {"method": method, "path": path, "status": status, "count": count}
            for (method, path, status), count in sorted(self.requests.items())
        ]
        names = ("sent", "lost", "doubled", "delayed", "retried", "failed")
        return {"requests": requests, "webhooks": {name: self.webhooks[name] for name in names}}
