"""Says whether a container engine answers on this machine."""

import shutil
import subprocess

from stack.plan.options import StackKind


def engine_answers() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    for words in (("version", "--format", "{{.Server.Version}}"), ("compose", "version")):
        try:
            done = subprocess.run([docker, *words], capture_output=True, timeout=5, check=False)
        except subprocess.TimeoutExpired:
            return False
        if done.returncode:
            return False
    return True


def default_stack() -> StackKind:
    return "compose" if engine_answers() else "native"
