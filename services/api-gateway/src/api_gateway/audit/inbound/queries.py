"""The parameters of the audit log as a client writes them."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api_gateway.audit.domain.question import Question, actions_named
from api_gateway.inbound.query_types import Cursor, Limit, Moment, Values

_MOST = 50


def _known(names: list[str]) -> list[str]:
    actions_named(names)
    return names


Few = Annotated[Values, Field(max_length=_MOST)]
Actions = Annotated[
    Few,
    AfterValidator(_known),
    Field(description="whole names, or all that begin with one that ends with a dot: `member.`"),
]


class AuditFilter(BaseModel):
    """Repeated parameters are alternatives, different ones add up; an unknown one is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    actor: Annotated[Few, Field(description="ids of people (`usr_…`) or of whoever acted")] = []
    action: Actions = []
    target: Annotated[Few, Field(description="ids of what was acted upon")] = []
    outcome: list[Literal["succeeded", "denied", "failed"]] = []
    address: Annotated[Few, Field(description="exact addresses of clients")] = []
    after: Annotated[Moment | None, Field(description="from this moment on")] = None
    before: Annotated[Moment | None, Field(description="until just before this moment")] = None

    def question(self) -> Question:
        """What the use case takes."""
        return Question(
            actors=_once(self.actor),
            actions=actions_named(self.action),
            targets=_once(self.target),
            outcomes=_once(self.outcome),
            addresses=_once(self.address),
            after=self.after,
            before=self.before,
        )


class AuditQuery(AuditFilter):
    """A page of the log."""

    limit: Limit = 50
    cursor: Cursor | None = None
    count: bool = False


class AuditExportQuery(AuditFilter):
    """The log as a file."""

    format: Literal["jsonl", "csv"] = "jsonl"


def _once(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
