"""Settings of the gate, all beginning with `LIMITS__`."""

from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from api_gateway.gate.domain.charges import Rates
from api_gateway.gate.domain.gcra import Limit
from common.settings import Group


class Rate(Group):
    """Units a minute, and how many at once after a rest; a request costs its `x-cost` of units."""

    per_minute: int = Field(ge=1, le=60_000_000)
    burst: int = Field(ge=1, le=60_000_000)


class Concurrency(Group):
    """How many requests of one lane run at once in a node, in all and of one tenant."""

    places: int = Field(ge=1)
    per_tenant: int = Field(ge=1)

    @model_validator(mode="after")
    def _one_tenant_leaves_room(self) -> Self:
        if self.per_tenant > self.places:
            raise ValueError("per_tenant must not be above places")
        return self


class GateSettings(Group):
    """How much anybody may ask. The defaults stop floods, not programs that are in a hurry."""

    enabled: bool = Field(True, description="false only to measure what the limits cost")
    token: Rate = Rate(per_minute=12_000, burst=3_000)
    user: Rate = Rate(per_minute=18_000, burst=4_500)
    tenant: Rate = Rate(per_minute=30_000, burst=7_500)
    address: Rate = Rate(per_minute=6_000, burst=1_500)
    address_signed_in: Rate = Rate(per_minute=60_000, burst=15_000)
    nodes: int = Field(1, ge=1, description="nodes of the gateway: without Redis each lets its share through")
    redis_budget: timedelta = Field(timedelta(milliseconds=50), description="then the request is counted locally")
    own: Concurrency = Field(Concurrency(places=16, per_tenant=4), description="work of the gateway itself")
    forwarded: Concurrency = Field(Concurrency(places=128, per_tenant=32), description="work of another service")
    stream: Concurrency = Field(Concurrency(places=160, per_tenant=32), description="files, to their last byte")
    most_waiting: int = Field(256, ge=0, description="requests of one tenant in the waiting room of a lane")
    patience: timedelta = Field(timedelta(seconds=5), description="the longest wait there")
    pause: timedelta = Field(timedelta(seconds=1), description="before who asks on in spite of a 429 hears the next")

    def rates(self) -> Rates:
        """The rates as the domain knows them."""
        names = ("token", "user", "tenant", "address", "address_signed_in")
        made = {name: getattr(self, name) for name in names}
        return Rates(**{name: Limit(_SHOWN[name], rate.per_minute, rate.burst) for name, rate in made.items()})


#: A client is told which limit it met; which address limit it was makes no difference to it.
_SHOWN = {"token": "token", "user": "user", "tenant": "tenant", "address": "address", "address_signed_in": "address"}
