"""One public path that another service owns: what the API description says of it, and whom it goes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel

from api_gateway.outbound.peers import Peer

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class ForwardedRoute:
    """One method of one path; the gateway checks the `scope` unless it is `checked_by_owner`."""

    method: Method
    path: str
    peer: Peer
    summary: str
    scope: str | None = None
    checked_by_owner: bool = False
    body: type[BaseModel] | None = None
    status: int = 200
    answer: type[BaseModel] | None = None
    media_type: str | None = None
    query: type[BaseModel] | None = None  # parameters that the owner takes
    also: Mapping[int, str] = field(default_factory=dict)  # further good answers, and what they mean
    signed_in: bool = False  # any signed-in person is enough, and that is meant so
    cost: int = 1  # units of the rate limits


def to_auth(
    method: Method,
    path: str,
    summary: str,
    *,
    scope: str | None = None,
    public: bool = False,
    signed_in: bool = False,
    body: type[BaseModel] | None = None,
    status: int = 200,
    answer: type[BaseModel] | None = None,
    media_type: str | None = None,
    query: type[BaseModel] | None = None,
    also: Mapping[int, str] | None = None,
) -> ForwardedRoute:
    """Auth asks its own table whether a session still runs, so it is left to it.

    One of `scope`, `public` and `signed_in` has to be said; a test fails on a route that says none.
    """
    return ForwardedRoute(
        method,
        path,
        Peer.AUTH,
        summary,
        scope,
        not public,
        body,
        status,
        answer,
        media_type,
        query,
        also or {},
        signed_in,
    )
