"""The page about the audit log: its actions and who records them are read from the code."""

from pathlib import Path

from common.contracts.audit import ACTIONS
from lints.rules.audit_actions import recorders
from lints.source import python_files

_ROOT = Path(__file__).resolve().parents[4]
_TEXT = """# The audit log

{note}

Who did what, on what, from where, when, how it ended, under which request id. `GET /api/v1/audit` shows it newest first
(scope `audit:read`; the platform operator sees the platform's own entries and no tenant's), `GET /api/v1/audit/export`
streams it as JSON lines or CSV. Filters: `actor`, `action` (`member.` means all that begin with it), `target`,
`outcome`, `address`, `after`, `before`. How it is built: [ADR 11](../adr/0011-audit-by-events.md).

- **Add only.** The gateway's database role may read and insert. It can neither change nor delete an entry; deleting
  needs the role `je_gateway_keeper`, which a policy of the table limits to entries older than the tenant's retention
  (`retention.audit_days`, 30 to 3,650 days, 365 by default; never less than 30, whatever the settings say).
- **No secrets, no bodies, no text of Jira.** Entries name things by id and hold short values (a role, the name of a
  setting). What somebody typed at a sign-in is not among them.
- **With the change.** The other services write an entry in the transaction of the change that it is about; it arrives
  by Kafka within a second or two, also when the gateway or Kafka was away in between (seven days at most).
- **The gateway's own** entries (downloads, refusals, readings of the log) wait in memory for at most half a second and
  are written at a regular end. A gateway that is killed loses that half second. When more come than fit, their number
  becomes an entry `audit.lost`.
- **Refusals** are told once a minute for each session, route and reason. A refused token names nobody, so it stands in
  the platform's log, as does whatever a stranger tries. Access tokens that ran out are daily life and are not noted.
- **CSV** cells that a spreadsheet would run (`= + - @`, tab, CR) begin with an apostrophe.

| action | what it says | recorded by |
|---|---|---|
{rows}
"""


def audit_page(note: str) -> str:
    """The whole page."""
    found = recorders(python_files(_ROOT))
    rows = [
        f"| `{action}` | {about} | {', '.join(sorted(found.get(action, ())))} |" for action, about in ACTIONS.items()
    ]
    return _TEXT.format(note=note, rows="\n".join(rows))
