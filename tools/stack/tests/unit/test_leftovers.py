import subprocess
import sys

import psutil
import pytest

from stack.layout import RunDir
from stack.process.leftovers import end_leftovers, find_leftovers
from stack.process.supervision import MARKER

READY = "import signal, sys, time; {}; print('ready', flush=True); time.sleep(60)"


@pytest.fixture
def run(tmp_path):
    run = RunDir(tmp_path / "run")
    run.make_folders()
    return run


@pytest.fixture
def sleeper():
    started = []

    def start(run, first="pass"):
        words = [sys.executable, "-c", READY.format(first)]
        process = subprocess.Popen(words, env={MARKER: str(run.root)}, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout.readline() == b"ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_what_a_crash_left_is_ended_with_its_pid_files(run, sleeper):
    process = sleeper(run)
    (run.pids / "auth").write_text(str(process.pid))
    assert [p.pid for p in find_leftovers(run)] == [process.pid]
    assert len(end_leftovers(run)) == 1
    assert not psutil.pid_exists(process.pid)
    assert list(run.pids.iterdir()) == []


def test_what_does_not_listen_to_the_signal_is_killed(run, sleeper):
    process = sleeper(run, "signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    end_leftovers(run, seconds=0.2)
    assert not psutil.pid_exists(process.pid)


def test_processes_of_another_checkout_are_left_alone(run, tmp_path, sleeper):
    other = sleeper(RunDir(tmp_path / "other"))
    assert end_leftovers(run) == []
    assert other.poll() is None


def test_a_stale_pid_file_ends_no_stranger(run, tmp_path, sleeper):
    stranger = sleeper(RunDir(tmp_path / "stranger"))
    (run.pids / "postgres").write_text(str(stranger.pid))
    end_leftovers(run)
    assert stranger.poll() is None
    assert not (run.pids / "postgres").exists()
