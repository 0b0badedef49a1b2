import pytest
from notifier_examples import ISSUE, PROJECT, TENANT, publication

from notifier.domain.channels import Feed, Kind, Target
from notifier.domain.commands import Since
from notifier.domain.history import History

OTHER = Target(TENANT, Kind.ISSUE, ISSUE)


def history(**changes: object):
    made = History(Feed.JIRA, **{"keep_seconds": 600, "cap": 300, "max_bytes": 10**6, **changes})
    made.begin("e1", 10)
    return made


def since(offset, epoch="jira.e1"):
    return Since(epoch, offset)


def offsets(kept):
    return None if kept is None else [one.offset for one in kept]


def test_recovery_brings_all_that_was_missed_of_the_channel_and_nothing_else():
    line = history()
    line.add(publication(11), at=0)
    line.add(publication(12, targets=(OTHER,)), at=0)
    line.add(publication(13, targets=(PROJECT, OTHER)), at=0)
    assert offsets(line.recover(PROJECT, since(10))) == [11, 13]
    assert offsets(line.recover(PROJECT, since(11))) == [13]
    assert offsets(line.recover(OTHER, since(13))) == []
    assert line.position == ("jira.e1", 13)


def test_an_offset_below_what_is_known_is_not_recovered():
    assert history().recover(PROJECT, since(9)) is None


@pytest.mark.parametrize("epoch", ["jira.e0", "exports.e1", "", "jira."])
def test_another_epoch_or_feed_is_not_recovered(epoch):
    assert history().recover(PROJECT, since(10, epoch)) is None


def test_a_new_epoch_forgets_the_old_one():
    line = history()
    line.add(publication(11), at=0)
    line.begin("e2", 0)
    assert line.recover(PROJECT, since(10)) is None
    assert line.has_left("e1")
    assert offsets(line.recover(PROJECT, since(0, "jira.e2"))) == []


def test_a_client_from_before_the_very_first_event_is_recovered():
    line = History(Feed.EXPORTS, keep_seconds=600, cap=300, max_bytes=10**6)
    first = Since(line.position.epoch, line.position.offset)
    line.begin("e1", 0)
    line.add(publication(1), at=0)
    assert offsets(line.recover(PROJECT, first)) == [1]


def test_old_ones_are_forgotten_and_the_floor_rises():
    line = history()
    line.add(publication(11), at=0)
    line.add(publication(12), at=500)
    line.expire(601)
    assert line.recover(PROJECT, since(10)) is None
    assert offsets(line.recover(PROJECT, since(11))) == [12]
    line.expire(9_999)
    assert line.recover(PROJECT, since(11)) is None
    assert offsets(line.recover(PROJECT, since(12))) == []


def test_a_recovery_never_brings_more_than_the_cap():
    line = history(cap=3)
    for position in range(11, 16):
        line.add(publication(position), at=0)
    assert line.recover(PROJECT, since(11)) is None
    assert offsets(line.recover(PROJECT, since(12))) == [13, 14, 15]


def test_the_cap_of_one_channel_does_not_touch_another():
    line = history(cap=2)
    line.add(publication(11, targets=(OTHER,)), at=0)
    for position in range(12, 20):
        line.add(publication(position), at=0)
    assert offsets(line.recover(OTHER, since(10))) == [11]


def test_bytes_are_bounded():
    line = history(max_bytes=5_000)
    for position in range(11, 60):
        line.add(publication(position), at=0)
    assert line.size[1] <= 5_000
    assert line.recover(PROJECT, since(11)) is None
    assert offsets(line.recover(PROJECT, since(58))) == [59]


def test_a_late_one_is_recovered_by_those_below_and_refuses_the_doubtful():
    line = history()
    line.add(publication(12), at=0)
    late = line.add_late(publication(11), at=0)
    assert (late.offset, late.late) == (12, True)
    assert offsets(line.recover(PROJECT, since(10))) == [12, 12]
    assert line.recover(PROJECT, since(12)) is None
    line.add(publication(13), at=0)
    assert offsets(line.recover(PROJECT, since(13))) == []


def test_after_a_loss_nobody_below_it_is_recovered():
    line = history()
    line.add(publication(15), at=0)
    line.lose(13)
    assert line.recover(PROJECT, since(12)) is None
    assert offsets(line.recover(PROJECT, since(13))) == [15]


def test_a_client_that_another_node_served_further_is_recovered_with_nothing():
    assert offsets(history().recover(PROJECT, since(15))) == []
    assert history().recover(PROJECT, since(10**9)) is None
