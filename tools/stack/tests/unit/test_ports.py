import pytest

from stack.errors import StackError
from stack.ports import _HIGHEST_OFFSET, SERVICE_OFFSETS, Ports


def all_ports(ports):
    services = [port for name in SERVICE_OFFSETS for port in (ports.service(name), ports.metrics(name))]
    simulators = [port for p in ("cloud", "datacenter") for port in (ports.simulator(p), ports.simulator(p) + 1)]
    parts = [ports.postgres, ports.redis, ports.kafka, ports.kafka_controller, *ports.object_storage.values()]
    return [*services, *simulators, *parts]


def test_no_port_is_given_out_twice():
    assert len(set(all_ports(Ports()))) == len(all_ports(Ports()))


def test_every_port_moves_with_the_base_and_stays_in_its_range():
    moved = all_ports(Ports(31000))
    assert moved == [port + 23000 for port in all_ports(Ports(8000))]
    assert all(31000 <= port < 31000 + _HIGHEST_OFFSET for port in moved)


def test_the_addresses_of_the_services_are_those_of_the_public_surface():
    assert [Ports().service(name) for name in SERVICE_OFFSETS] == [8000, 8001, 8002, 8003, 8004]


@pytest.mark.parametrize("base", [0, 80, 65500, 70000])
def test_a_base_that_cannot_be_is_refused_with_the_range(base):
    with pytest.raises(StackError, match=f"PORT_BASE={base} is out of range: take one from 1024 to 65485"):
        Ports(base)
