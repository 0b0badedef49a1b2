"""From ids and keys to a set of issues that the caller may see; a reference that means none or several is an error."""

from collections.abc import Sequence

from common.errors import InvalidRequest
from common.ids import ConnectionId, public_id
from common.issues.access import Access, Viewer, read_access
from common.issues.details import AmbiguousKey, IssueNotFound
from export_worker.app import App
from export_worker.domain.selection import Candidate, Selection, select_issues
from export_worker.store.mirror import list_candidates

_SHOWN = 50


async def select_set(
    refs: Sequence[str], connection: ConnectionId | None, viewer: Viewer, app: App
) -> tuple[tuple[Candidate, ...], Access]:
    """The issues, and the access by which they were found and are to be frozen.

    Raises with the places of all references that cannot be used, so that one look mends the request.
    """
    asked = [normalized(ref) for ref in refs]
    async with app.db.read(viewer.tenant) as reader:
        access = await read_access(reader, viewer)
        found = await list_candidates(reader, access.narrowed([connection] if connection else []), asked)
    selection = select_issues(asked, found)
    if selection.missing:
        raise IssueNotFound(extra={"errors": _missing(selection)})
    if selection.ambiguous:
        raise AmbiguousKey(extra=_ambiguous(selection))
    return selection.chosen, access


def normalized(ref: str) -> str:
    """Keys are written in capitals; ids stay as they are."""
    if "\x00" in ref or len(ref) > 300:
        raise InvalidRequest(detail="That is neither an issue id nor a key.")
    ref = ref.strip()
    return ref if ref.startswith("iss_") else ref.upper()


def _missing(selection: Selection) -> list[dict[str, str]]:
    code, detail = IssueNotFound.code, IssueNotFound.title()
    places = selection.missing[:_SHOWN]
    return [{"pointer": f"/source/issues/{place}", "code": code, "detail": detail} for place in places]


def _ambiguous(selection: Selection) -> dict[str, object]:
    place, candidates = selection.ambiguous[0]
    listed = [
        {
            "id": public_id("iss", one.issue_id),
            "connection_id": public_id("con", one.connection_id),
            "key": one.key,
        }
        for one in candidates
    ]
    error = {"pointer": f"/source/issues/{place}", "code": AmbiguousKey.code, "detail": AmbiguousKey.title()}
    return {"candidates": listed, "errors": [error]}
