"""The pages that links in mails lead to; auth makes them, and they are no part of the API."""

from fastapi import APIRouter, Request, Response

from api_gateway.inbound.dependencies import AppDep
from api_gateway.inbound.forwarding import forward
from api_gateway.outbound.peers import Peer

router = APIRouter(include_in_schema=False)


async def page(request: Request, app: AppDep) -> Response:
    return await forward(request, Peer.AUTH, app)


for _path, _methods in (("/invitation", ["GET", "POST"]), ("/reset", ["GET", "POST"]), ("/signed-in", ["GET"])):
    router.add_api_route(_path, page, methods=_methods)
