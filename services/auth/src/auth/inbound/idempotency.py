"""Idempotency keys at the doors: a request's key in, the kept answer of the first request with it out."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from common.db.idempotency import IdempotentRequest, KeptAnswer


@dataclass(frozen=True, slots=True)
class Idempotency:
    """One write as it arrived."""

    key: str | None
    method: str
    path: str
    body: bytes

    def by(self, user: UUID) -> IdempotentRequest | None:
        return IdempotentRequest.of(user=user, key=self.key, method=self.method, path=self.path, body=self.body)

    def answer(self, kept: KeptAnswer) -> Response:
        headers = {} if kept.location is None else {"Location": kept.location}
        return Response(kept.body, kept.status, media_type="application/json", headers=headers)


def kept_answer(status: int, location: str | None, body: BaseModel) -> KeptAnswer:
    return KeptAnswer(status, location, body.model_dump_json().encode())


async def _idempotency(
    request: Request, idempotency_key: Annotated[str | None, Header(max_length=255)] = None
) -> Idempotency:
    return Idempotency(idempotency_key, request.method, request.url.path, await request.body())


IdempotencyDep = Annotated[Idempotency, Depends(_idempotency)]
