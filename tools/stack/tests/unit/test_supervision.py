import configparser
import os
import shlex
import subprocess
import sys

import pytest

from stack.layout import RunDir
from stack.process import launch
from stack.process.programs import Program
from stack.process.supervision import supervisor_config


def parsed(programs, root):
    parser = configparser.RawConfigParser()
    parser.read_string(supervisor_config(programs, RunDir(root)))
    return parser


def test_a_path_with_blanks_and_percent_signs_survives_the_configuration(tmp_path):
    program = Program("s3", ["/a b/weed", "-dir=100%"], "part", env_file=tmp_path / "x y.env")
    section = parsed([program], tmp_path / "my run")["program:s3"]
    words = shlex.split(section["command"] % {})
    assert words[-2:] == ["/a b/weed", "-dir=100%"]
    assert words[words.index("--env-file") + 1] == str(tmp_path / "x y.env")


def test_every_program_restarts_and_none_starts_by_itself(tmp_path):
    sections = parsed([Program("a", ["x"], "part"), Program("b", ["y"], "service")], tmp_path)
    for name in ("program:a", "program:b"):
        assert (sections[name]["autorestart"], sections[name]["autostart"]) == ("true", "false")


def test_a_program_for_another_user_does_not_stand_in_a_folder_that_it_may_not_enter(tmp_path):
    section = parsed([Program("postgres", ["x"], "part", user="nobody", stop_signal="INT")], tmp_path)[
        "program:postgres"
    ]
    assert section["directory"] == "/"
    assert section["stopsignal"] == "INT"
    assert "--user nobody" in section["command"]


def test_a_deep_checkout_keeps_its_socket_where_the_address_is_short_enough(tmp_path):
    deep = RunDir(tmp_path / ("d" * 60) / ("e" * 60))
    assert len(str(deep.supervisor_socket)) < 90
    assert RunDir(tmp_path / "x").supervisor_socket.is_relative_to(tmp_path) or len(str(tmp_path)) > 70


@pytest.mark.parametrize("words", [["--", sys.executable], [sys.executable]])
def test_the_launcher_leaves_the_pid_of_the_program_itself(tmp_path, words):
    env_file = tmp_path / "a.env"
    env_file.write_text("# a comment\nWORD=a=b c\n")
    code = "import os; print(os.getpid(), os.environ['WORD'])"
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-S", launch.__file__, "--pid-file", str(tmp_path / "pid")),
            *("--env-file", str(env_file), *words, "-c", code),
        ],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.stdout == f"{(tmp_path / 'pid').read_text().strip()} a=b c\n"
