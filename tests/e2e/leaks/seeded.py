"""Puts leaks into a copy of the source on purpose, one at a time; each must turn its tests red.

`.venv/bin/python tests/e2e/leaks/seeded.py [name …]`: a worktree of HEAD in a temporary folder with a system of its own
(`SEEDED_PORT_BASE`, default 26000); exit 1 when a leak went unnoticed or the tests are red without one.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_READS, _FILES = "leaks/test_what_reads_tell.py", "leaks/test_what_files_and_sockets_tell.py"
_IDS, _CACHES = "isolation/test_ids_of_others.py", "isolation/test_names_and_caches.py"


@dataclass(frozen=True)
class Leak:
    """What is taken out of which file, which services notice it, and whose tests must turn red."""

    name: str
    file: str
    good: str
    bad: str
    services: tuple[str, ...]
    tests: tuple[str, ...]


LEAKS = (
    Leak(
        "a list that forgets who looks",
        "libs/common/src/common/issues/listing.py",
        "parts = [of_tenant(issues), may_see_issue(issues, shape.reach), conditions(shape.asked)]",
        "parts = [of_tenant(issues), conditions(shape.asked)]",
        ("api-gateway",),
        (_READS,),
    ),
    Leak(
        "a query across tenants that forgets whose",
        "services/auth/src/auth/store/sessions.py",
        "distinct().where(*_living(user, now))  # across tenants: by the finder",
        "distinct().where(sessions.c.ended_at.is_(None))  # across tenants: by the finder",
        ("auth",),
        (_IDS,),
    ),
    Leak(
        "a cache key without the tenant",
        "services/api-gateway/src/api_gateway/outbound/body_cache.py",
        'return f"gateway:{{{tenant}}}:body:{address}"',
        'return f"gateway:{{all}}:body:{address}"',
        ("api-gateway",),
        (_CACHES,),
    ),
    Leak(
        "files that are kept without the fingerprint of access",
        "libs/common/src/common/issues/scope.py",
        'return and_(prints != "", kept.op("<@", is_comparison=True)(texts("prints")))',
        'return and_(prints != "", func.cardinality(kept) >= 0, func.cardinality(texts("prints")) >= 0)',
        ("api-gateway", "export-worker", "notifier"),
        (_READS, _FILES),
    ),
    Leak(
        "a channel that anybody may join",
        "services/notifier/src/notifier/usecases/find_target.py",
        'return await find_issue(reader, parse_id("iss", target.ident), access)',
        "return True",
        ("notifier",),
        (_FILES, "isolation/test_channels_of_others.py"),
    ),
    Leak(
        "publications that forget levels",
        "services/notifier/src/notifier/domain/publication.py",
        "if seen is None or not (origin.level is None or origin.level in seen.levels):",
        "if seen is None:",
        ("notifier",),
        (_FILES,),
    ),
)


class Copy:
    """A worktree with an environment that imports it, and a system that runs from it."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "tree"
        self.python = self.tree / ".venv/bin/python"
        self._env = {
            **os.environ,
            "JIRA_EXPORT_RUN_DIR": str(folder / "run"),
            "PORT_BASE": os.environ.get("SEEDED_PORT_BASE", "26000"),
            "SIM": "datacenter",
            "ISSUES": "60",
        }

    def make(self) -> None:
        subprocess.run(["git", "worktree", "add", "-q", "--detach", str(self.tree), "HEAD"], cwd=ROOT, check=True)
        main = ROOT / ".venv"
        subprocess.run([main / "bin/python", "-m", "venv", "--without-pip", self.tree / ".venv"], check=True)
        site = next((self.tree / ".venv/lib").glob("python3*")) / "site-packages"
        libraries = next((main / "lib").glob("python3*")) / "site-packages"
        for program in (main / "bin").iterdir():
            if not (self.tree / ".venv/bin" / program.name).exists():
                (self.tree / ".venv/bin" / program.name).symlink_to(program)
        projects = [file.parent for file in self.tree.glob("*/*/pyproject.toml")]
        lines = [*(str(project / "src") for project in projects), str(libraries)]
        (site / "tree.pth").write_text("\n".join(lines) + "\n")
        for project in projects:
            _copy_metadata(project, libraries, site)

    def stack(self, *words: str) -> None:
        subprocess.run([self.python, "-m", "stack", *words], cwd=self.tree, env=self._env, check=True)

    def tests(self, paths: Sequence[str]) -> bool:
        """Whether they are green."""
        files = [f"tests/e2e/{path}" for path in paths]
        words = [str(self.python), "-m", "pytest", "-n", "0", "-q", "--timeout=300", "--no-header", *files]
        done = subprocess.run(words, cwd=self.tree, env=self._env, check=False, capture_output=True, text=True)
        say("\n".join(f"    {line[:200]}" for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))))
        say(f"    {done.stdout.splitlines()[-1]}")
        # Tests that could not even begin have noticed nothing.
        assert done.returncode == 0 or " failed" in done.stdout.splitlines()[-1], done.stdout[-2000:]
        return done.returncode == 0

    def remove(self) -> None:
        subprocess.run([self.python, "-m", "stack", "down"], cwd=self.tree, env=self._env, check=False)
        subprocess.run(["git", "worktree", "remove", "--force", str(self.tree)], cwd=ROOT, check=False)
        shutil.rmtree(self.tree.parent, ignore_errors=True)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _copy_metadata(project: Path, libraries: Path, site: Path) -> None:
    """Entry points as this revision declares them."""
    told = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    for source in libraries.glob(f"{told['name'].replace('-', '_')}-*.dist-info"):
        shutil.copytree(source, site / source.name)
        groups = told.get("entry-points", {}).items()
        text = "".join(f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in all_of.items()) for group, all_of in groups)
        (site / source.name / "entry_points.txt").write_text(text)


def sow(copy: Copy, leak: Leak) -> bool:
    """Whether the tests notice it."""
    say(f"== {leak.name}: {leak.file}")
    file = copy.tree / leak.file
    text = file.read_text()
    assert text.count(leak.good) == 1, f"{leak.file} no longer says `{leak.good}`: change the leak"
    file.write_text(text.replace(leak.good, leak.bad))
    try:
        for service in leak.services:
            copy.stack("restart", service)
        return not copy.tests(leak.tests)
    finally:
        file.write_text(text)
        for service in leak.services:
            copy.stack("restart", service)


def main(names: Sequence[str]) -> int:
    chosen = [leak for leak in LEAKS if not names or any(name in leak.name for name in names)]
    copy = Copy(Path(tempfile.mkdtemp(prefix="seeded-")))
    try:
        copy.make()
        copy.stack("up")
        say("== without a leak")
        if not copy.tests(sorted({path for leak in chosen for path in leak.tests})):
            say("RED without a leak: nothing is proved")
            return 1
        missed = [leak.name for leak in chosen if not sow(copy, leak)]
    finally:
        copy.remove()
    say(f"{len(chosen) - len(missed)} of {len(chosen)} leaks were noticed" + "".join(f"\nMISSED  {m}" for m in missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
