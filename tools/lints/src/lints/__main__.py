"""`python -m lints [write]`: runs every rule over the project; `write` makes the generated documents anew first."""

import sys
from pathlib import Path

from lints.documents import stale_documents, write_documents
from lints.rules import (
    audit_actions,
    network_in_transaction,
    scoped_sql,
    security_review,
    sizes,
    sql_home,
    subscribers,
    topics,
)
from lints.source import Finding, Source, python_files

ROOT = Path(__file__).resolve().parents[4]
RULES = (sql_home.check, scoped_sql.check, network_in_transaction.check, sizes.check, subscribers.check)


def findings(sources: list[Source]) -> list[Finding]:
    """What the rules find in these files."""
    found = [finding for source in sources for rule in RULES for finding in rule(source)]
    return [*found, *topics.check_all(sources), *audit_actions.check_all(sources)]


def main(arguments: list[str]) -> int:
    """Exit 1 when a rule is broken or a document is stale."""
    if arguments == ["write"]:
        for path in write_documents(ROOT):
            print(f"wrote {path}")
    found = [str(finding) for finding in findings(list(python_files(ROOT)))]
    found += [str(finding) for finding in security_review.check_page(ROOT)]
    found += [f"{path}: stale; run .venv/bin/python -m lints write" for path in stale_documents(ROOT)]
    for line in found:
        print(line)
    print(f"own lints: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
