"""Who looks at which REST version of a site: the context every shape depends on."""

from dataclasses import dataclass
from typing import Any

from jira_simulator.model.records import Account
from jira_simulator.model.site import Site
from jira_simulator.model.times import jira_time
from jira_simulator.text.document import Text

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    site: Site
    version: int
    account: Account | None

    @property
    def api(self) -> str:
        return f"{self.site.base_url}/rest/api/{self.version}"

    @property
    def zone(self) -> str:
        return self.account.user.time_zone if self.account else self.site.time_zone

    def time(self, ms: int) -> str:
        return jira_time(ms, self.zone)

    def text(self, text: Text | None) -> Any:
        """ADF in v3, wiki markup in v2."""
        if text is None:
            return None
        return text.adf() if self.version == 3 else text.wiki(cloud=self.site.cloud)
