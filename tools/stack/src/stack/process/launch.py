"""Takes a pid file, an environment file, a user and a command; leaves its pid and becomes the command.

It imports the standard library only and runs with `-I -S`: every restart of every process passes through here.
"""

import argparse
import os
import pwd
import sys


def read_env_file(path: str) -> dict[str, str]:
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - pathlib doubles the start time
        lines = [line.rstrip("\n") for line in file]
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def leave_pid(path: str) -> None:
    new = f"{path}.{os.getpid()}.new"
    with open(new, "w", encoding="ascii") as file:  # noqa: PTH123
        file.write(f"{os.getpid()}\n")
    os.replace(new, path)  # noqa: PTH105


def become_user(name: str) -> None:
    entry = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.environ.update(HOME="/", USER=name, LOGNAME=name)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="launch")
    parser.add_argument("--pid-file", required=True)
    parser.add_argument("--env-file")
    parser.add_argument("--user")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if options.env_file:
        os.environ.update(read_env_file(options.env_file))
    leave_pid(options.pid_file)
    if options.user:
        become_user(options.user)
    os.execvp(command[0], command)  # noqa: S606 - becoming the command is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
