from api_gateway.domain.circuit import LONGEST_PAUSE, Circuit


def test_after_a_failure_nobody_tries_for_a_while_and_then_one_does() -> None:
    circuit = Circuit().failed(10.0)
    assert not circuit.lets_through(10.1)
    assert circuit.lets_through(11.0)
    assert not circuit.trying(11.0).lets_through(11.0)


def test_pauses_grow_to_a_bound_and_a_success_ends_them() -> None:
    circuit, now, pauses = Circuit(), 0.0, []
    for _ in range(12):
        circuit = circuit.failed(now)
        pauses.append(circuit.pause)
        now = circuit.retry_at
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
    assert circuit.succeeded() == Circuit()
    assert Circuit().trying(5.0).lets_through(5.0)
