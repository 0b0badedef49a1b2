"""The other host behind Cloud's attachment redirect: signed addresses, ranges, and no Authorization header."""

import hashlib
import hmac
from urllib.parse import quote, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jira_simulator.generate.files import content_of, thumbnail
from jira_simulator.http.ranges import bytes_response
from jira_simulator.http.service import Service
from jira_simulator.model.issue import Attachment

_LIFE_MS = 10 * 60 * 1000


def _signature(service: Service, kind: str, number: str, expires: str) -> str:
    return hmac.new(service.signing_key, f"{kind}:{number}:{expires}".encode(), hashlib.sha256).hexdigest()


def signed_url(service: Service, attachment: Attachment, kind: str) -> str:
    expires = str(service.site.now() + _LIFE_MS)
    query = urlencode({"expires": expires, "token": _signature(service, kind, str(attachment.id), expires)})
    return f"{service.site.media_url}/{kind}/{attachment.id}/{quote(attachment.name)}?{query}"


def _error(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(body, status, media_type="application/xml")


def media_app(service: Service) -> Starlette:
    async def serve(request: Request) -> Response:
        if "authorization" in request.headers:
            return _error(
                400, "InvalidArgument", "Only one auth mechanism allowed: the signed address or Authorization."
            )
        kind, number = request.path_params["kind"], request.path_params["id"]
        expires = request.query_params.get("expires", "")
        expected = _signature(service, kind, number, expires)
        if not hmac.compare_digest(expected.encode(), request.query_params.get("token", "").encode()):
            return _error(403, "SignatureDoesNotMatch", "The signature of the address does not match.")
        if int(expires) < service.site.now():
            return _error(403, "AccessDenied", "Request has expired.")
        owner = service.site.issues.get(service.site.attachment_owner.get(int(number), 0))
        found = [entry for entry in owner.attachments if str(entry.id) == number] if owner else []
        if not found:
            return _error(404, "NoSuchKey", "The file does not exist.")
        content = content_of(service.site, found[0])
        if kind == "thumbnail":
            return bytes_response(thumbnail(content), "image/png", found[0].name, None)
        return bytes_response(content, found[0].media_type, found[0].name, request.headers.get("range"))

    return Starlette(routes=[Route("/{kind}/{id}/{name:path}", serve, methods=["GET", "HEAD"])])
