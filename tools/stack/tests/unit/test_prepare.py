import shutil
import subprocess
from pathlib import Path

import pytest

from stack.layout import CHECKOUT

TOOLS = ["dirname", "mkdir", "cat", "sha256sum", "cut", "ls", "grep", "awk", "tail", "env", "rm", "sh"]


@pytest.fixture
def machine(tmp_path):
    """A checkout on a machine that has the basic tools of Debian and nothing of ours; the user is not root."""
    tree, binaries = tmp_path / "my main", tmp_path / "bin"
    script = tree / "tools/stack/prepare"
    script.parent.mkdir(parents=True)
    shutil.copy(CHECKOUT / "tools/stack/prepare", script)
    for name in ("libs/a", "services/b", "tests/c"):
        (tree / name).mkdir(parents=True)
        (tree / name / "pyproject.toml").write_text("")
    (tree / "requirements.lock").write_text("uv==1 \\\n    --hash=sha256:aa\n")
    (tree / "pyproject.toml").write_text("")
    binaries.mkdir()
    for name in TOOLS:
        (binaries / name).symlink_to(shutil.which(name))
    fake(binaries / "id", "echo 1000")
    for name in ("python", "uv"):
        fake(tree / ".venv/bin" / name, f'echo {name} "$@" >> {tmp_path}/calls')
    (tree / ".venv/bin/activate").write_text(f"VIRTUAL_ENV='{tree}/.venv'\n")
    return tmp_path


def fake(path, body):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def prepare(machine, *words: str):
    return subprocess.run(
        ["sh", str(machine / "my main/tools/stack/prepare"), *words],
        env={"PATH": str(machine / "bin")},
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def with_tools(machine):
    for name in ("java", "mvn", "pdftotext", "node", "npm", "fc-list"):
        fake(machine / "bin" / name, "echo NotoSans-Regular NotoSansCJK")


def calls(machine):
    file = machine / "calls"
    return file.read_text().splitlines() if file.exists() else []


def test_without_root_one_message_names_every_missing_package_and_the_command(machine):
    fake(machine / "bin/apt-get", f'echo "$@" >> {machine}/calls')
    fake(machine / "bin/apt-cache", "exit 1")
    done = prepare(machine, "test")
    assert done.returncode == 1
    told = done.stderr.splitlines()
    assert told[0].startswith("prepare: these packages are missing (Debian and Ubuntu names):")
    for package in ("default-jre-headless", "maven", "poppler-utils", "nodejs", "npm"):
        assert f" {package}" in told[0]
        assert f" {package}" in told[1]
    assert "sudo apt-get update && sudo apt-get install -y --no-install-recommends" in told[1]
    assert len(told) == 2
    assert calls(machine) == []


def test_what_only_tests_need_is_not_asked_for_otherwise(machine):
    assert " nodejs" not in prepare(machine).stderr


def test_root_gets_the_packages_installed_and_goes_on(machine):
    fake(machine / "bin/id", "echo 0")
    fake(machine / "bin/apt-get", f'echo "$@" >> {machine}/apt; case "$*" in *install*) sh {machine}/appear ;; esac')
    fake(machine / "bin/apt-cache", "exit 1")
    tools = [f'ln -s /bin/true "{machine}/bin/{name}"' for name in ("java", "mvn", "pdftotext")]
    fonts = f'printf "#!/bin/sh\\necho NotoSans-Regular NotoSansCJK\\n" > {machine}/bin/fc-list'
    chmod = shutil.which("chmod")
    link = shutil.which("ln")
    (machine / "appear").write_text(
        "\n".join([*(tool.replace("ln ", f"{link} ", 1) for tool in tools), fonts, f"{chmod} +x {machine}/bin/fc-list"])
    )
    done = prepare(machine)
    assert done.returncode == 0, done.stderr
    update, install = (machine / "apt").read_text().splitlines()
    assert update == "update -q"
    assert "--no-install-recommends default-jre-headless maven poppler-utils" in install


def test_a_second_run_installs_nothing_and_a_changed_lock_installs_again(machine):
    with_tools(machine)
    assert prepare(machine).returncode == 0
    first = [line for line in calls(machine) if "uv pip" in line]
    assert "--require-hashes -r requirements.lock" in first[0]
    assert first[1].endswith("--no-deps --no-build-isolation -e libs/a -e services/b -e tests/c")
    (machine / "calls").unlink()
    assert prepare(machine).returncode == 0
    assert calls(machine) == []
    lock = machine / "my main/requirements.lock"
    lock.write_text(lock.read_text() + "# newer\n")
    prepare(machine)
    assert len([line for line in calls(machine) if "uv pip" in line]) == 2


def test_where_uv_finds_no_index_pip_does_the_work(machine):
    with_tools(machine)
    fake(
        machine / "my main/.venv/bin/uv",
        f'echo uv "$@" >> {machine}/calls; case "$*" in *require-hashes*) exit 1 ;; esac',
    )
    assert prepare(machine).returncode == 0
    assert "python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock" in calls(
        machine
    )


def test_an_environment_that_was_copied_from_elsewhere_is_made_anew(machine):
    with_tools(machine)
    Path(machine / "my main/.venv/bin/activate").write_text("VIRTUAL_ENV='/somewhere/else/.venv'\n")
    fake(machine / "bin/python3", f'echo python3 "$@" >> {machine}/calls')
    prepare(machine)
    assert any(line.startswith("python3 -m venv --clear .venv") for line in calls(machine))


def test_a_failed_step_shows_the_end_of_its_output(machine):
    with_tools(machine)
    fake(machine / "my main/.venv/bin/uv", 'case "$*" in *--version*) exit 0 ;; esac; echo no such index; exit 2')
    fake(machine / "my main/.venv/bin/python", '[ "$1" = -c ] && exit 0; echo pip is sad; exit 3')
    done = prepare(machine)
    assert done.returncode == 1
    assert "pip is sad" in done.stderr
    assert "this failed: .venv/bin/python -m pip install" in done.stderr
