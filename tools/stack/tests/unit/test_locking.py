import pytest

from stack.layout import CHECKOUT
from stack.locking import out_of_step, requirements

LOCK = """\
httpx==0.28.1 \\
    --hash=sha256:aa
pydantic-core==2.33.0 ; python_version < '3.14' \\
    --hash=sha256:bb
"""


def test_a_lock_that_meets_everything_has_no_fault():
    assert out_of_step(["httpx>=0.28", "pydantic_core"], LOCK) == []


@pytest.mark.parametrize(
    ("wanted", "lock", "fault"),
    [
        (["redis"], LOCK, "redis: not in the lock"),
        (["httpx>=0.29"], LOCK, "httpx>=0.29: the lock has 0.28.1"),
        ([], "httpx==0.28.1\n", "httpx==0.28.1: no hash in the lock"),
        ([], f"--index-url x\n{LOCK}", "the lock names an address"),
    ],
)
def test_each_way_to_be_out_of_step_is_named(wanted, lock, fault):
    assert fault in "\n".join(out_of_step(wanted, lock))


def test_the_lock_of_this_checkout_is_in_step():
    assert out_of_step(requirements(), (CHECKOUT / "requirements.lock").read_text()) == []
