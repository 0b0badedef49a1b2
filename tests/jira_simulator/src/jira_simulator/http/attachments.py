"""Attachments over REST: upload, record, delete; bytes by redirect on Cloud, from /secure on Data Center."""

from starlette.datastructures import UploadFile
from starlette.responses import Response

from jira_simulator.generate.files import content_of, thumbnail
from jira_simulator.http.call import Call
from jira_simulator.http.errors import Refused, json_response
from jira_simulator.http.media import signed_url
from jira_simulator.http.ranges import bytes_response
from jira_simulator.model.issue import Attachment, Issue
from jira_simulator.shapes.parts import attachment_json
from jira_simulator.write.conversation import add_attachment, delete_attachment

_MOST_FILES = 60
_MOST_BYTES = 10 * 1024 * 1024


def _found(call: Call) -> tuple[Issue, Attachment]:
    wanted = call.path("id")
    owner = call.site.attachment_owner.get(int(wanted)) if wanted.isdigit() else None
    issue = None if owner is None else call.site.issues.get(owner)
    if issue is None or not call.site.sees_issue(call.account, issue):
        raise Refused(404, f"The attachment with id '{wanted}' does not exist")
    return issue, next(entry for entry in issue.attachments if str(entry.id) == wanted)


async def upload(call: Call) -> Response:
    call.login()
    if call.request.headers.get("X-Atlassian-Token", "").lower() not in {"no-check", "nocheck"}:
        raise Refused(403, html="XSRF check failed")
    issue = call.issue()
    form = await call.request.form()
    files = [entry for entry in form.getlist("file") if isinstance(entry, UploadFile)]
    if not files:
        raise Refused(400, "The request has no part named 'file'.")
    if len(files) > _MOST_FILES:
        raise Refused(413, f"At most {_MOST_FILES} files may be attached at once.")
    shapes = []
    for file in files:
        content = await file.read()
        if len(content) > _MOST_BYTES:
            raise Refused(413, f"The file '{file.filename}' is larger than {_MOST_BYTES} bytes.")
        current = call.site.issues[issue.id]
        media_type = file.content_type or "application/octet-stream"
        made = add_attachment(call.service.desk, call.actor, current, file.filename or "file", media_type, content)
        shapes.append(attachment_json(call.view, made))
    return json_response(shapes)


async def record(call: Call) -> Response:
    _, found = _found(call)
    shape = attachment_json(call.view, found)
    # The record's own resource answers the id as a number, the list in an issue as a text.
    if call.cloud:
        shape["id"] = found.id
    return json_response(shape)


async def remove(call: Call) -> Response:
    call.login()
    issue, found = _found(call)
    delete_attachment(call.service.desk, call.actor, issue, found)
    return Response(status_code=204)


async def meta(_: Call) -> Response:
    return json_response({"enabled": True, "uploadLimit": _MOST_BYTES})


async def content(call: Call) -> Response:
    """A redirect to another host, which wants no Authorization; `redirect=false` gives the bytes here."""
    _, found = _found(call)
    if call.flag("redirect", default=True):
        return Response(status_code=303, headers={"Location": signed_url(call.service, found, "file")})
    asked = call.request.headers.get("Range")
    return bytes_response(content_of(call.site, found), found.media_type, found.name, asked)


async def small(call: Call) -> Response:
    _, found = _found(call)
    if not found.media_type.startswith("image/"):
        raise Refused(404, "The attachment has no thumbnail.")
    if call.flag("redirect", default=True):
        return Response(status_code=303, headers={"Location": signed_url(call.service, found, "thumbnail")})
    return bytes_response(thumbnail(content_of(call.site, found)), "image/png", found.name, None)


async def secure_content(call: Call) -> Response:
    """Data Center shows its login page instead of a refusal to a guest."""
    if call.account is None:
        login = f"{call.site.base_url}/login.jsp?permissionViolation=true"
        return Response(status_code=302, headers={"Location": login, "Content-Type": "text/html"})
    _, found = _found(call)
    asked = call.request.headers.get("Range")
    return bytes_response(content_of(call.site, found), found.media_type, found.name, asked)


async def secure_thumbnail(call: Call) -> Response:
    if call.account is None:
        return Response(status_code=302, headers={"Location": f"{call.site.base_url}/login.jsp"})
    _, found = _found(call)
    if not found.media_type.startswith("image/"):
        raise Refused(404, "The attachment has no thumbnail.")
    return bytes_response(thumbnail(content_of(call.site, found)), "image/png", found.name, None)
