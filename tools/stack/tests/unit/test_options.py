from pathlib import Path

import pytest

from stack.errors import StackError
from stack.plan.options import read_options


def test_defaults_are_both_simulators_with_250_issues():
    options = read_options({}, {}, "native")
    assert (options.sim, options.stack, options.port_base) == ("both", "native", 8000)
    assert options.personalities == ("cloud", "datacenter")
    assert options.simulator_words() == ["--issues", "250"]


def test_what_is_given_now_comes_before_what_runs_and_that_before_defaults():
    running = {"PORT_BASE": "9000", "SIM": "cloud", "ISSUES": "10", "STACK": "native"}
    options = read_options({"ISSUES": "20", "SIM": ""}, running, "compose")
    assert (options.port_base, options.sim, options.stack) == (9000, "cloud", "native")
    assert options.simulator_words() == ["--issues", "20"]


def test_data_from_a_file_takes_the_place_of_generated_issues():
    words = read_options({"ISSUES_FROM": "a b.jsonl", "SEED": "7"}, {}, "native").simulator_words()
    assert words == ["--seed", "7", "--issues-from", str(Path.cwd() / "a b.jsonl")]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"SIM": "server"}, "SIM=server is not known: take one of cloud, datacenter, both, none"),
        ({"STACK": "podman"}, "native, compose, external"),
        ({"ISSUES": "many"}, "ISSUES=many is not a number"),
        ({"PORT_BASE": "-1"}, "PORT_BASE=-1 is not a number"),
    ],
)
def test_a_wrong_option_is_named_with_what_would_be_right(given, told):
    with pytest.raises(StackError) as error:
        read_options(given, {}, "native")
    assert told in str(error.value)
