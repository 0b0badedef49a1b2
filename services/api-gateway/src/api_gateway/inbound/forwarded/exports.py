"""Exports and their files: paths that export-worker owns."""

from api_gateway.inbound.forwarded.route import ForwardedRoute
from api_gateway.outbound.peers import Peer
from common.contracts.http import exports

_EXPORT = "/api/v1/exports/{export}"

EXPORTS = (
    ForwardedRoute(
        "POST",
        "/api/v1/exports",
        Peer.EXPORT_WORKER,
        "Ask for an export",
        "exports:create",
        body=exports.ExportRequest,
        cost=10,
        status=202,
        answer=exports.ExportBody,
    ),
    ForwardedRoute(
        "DELETE",
        _EXPORT,
        Peer.EXPORT_WORKER,
        "Cancel an export",
        "exports:create",
        answer=exports.ExportBody,
    ),
    ForwardedRoute(
        "POST",
        f"{_EXPORT}/resume",
        Peer.EXPORT_WORKER,
        "Go on with an export",
        "exports:create",
        status=202,
        answer=exports.ExportBody,
    ),
    ForwardedRoute(
        "GET",
        f"{_EXPORT}/content",
        Peer.EXPORT_WORKER,
        "The file of an export",
        "exports:read",
        cost=2,
        media_type="application/pdf",
        query=exports.ContentParameters,
        also={304: "The client has it", 307: "Where the file is for some minutes"},
    ),
    ForwardedRoute(
        "GET",
        f"{_EXPORT}/manifest",
        Peer.EXPORT_WORKER,
        "What an export has, and what not",
        "exports:read",
        answer=exports.ManifestBody,
    ),
    ForwardedRoute(
        "GET",
        "/api/v1/issues/{issue}/pdf",
        Peer.EXPORT_WORKER,
        "An issue as a PDF",
        "issues:read",
        cost=10,
        media_type="application/pdf",
        query=exports.PdfParameters,
        also={202: "It is still being made; see Location", 304: "The client has it"},
    ),
)
