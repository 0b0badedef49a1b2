from hypothesis import given
from hypothesis import strategies as st
from notifier_examples import PROJECT, publication

from notifier.domain.channels import Feed
from notifier.domain.commands import Since
from notifier.domain.feed_line import Broken, FeedLine, Message
from notifier.domain.history import History, Kept
from notifier.domain.ordering import Reorder


def feed_line(max_warm_bytes=10**6):
    history = History(Feed.JIRA, keep_seconds=600, cap=300, max_bytes=10**6)
    return FeedLine(Feed.JIRA, history, Reorder(patience=2), max_warm_bytes=max_warm_bytes)


def message(position, at=1_000.0, epoch="e1", told=True):
    return Message(epoch, position, at, publication(position, epoch=epoch) if told else None)


def offsets(outcomes):
    return [one.offset for one in outcomes if isinstance(one, Kept)]


def recovered(line, offset, epoch="jira.e1"):
    kept = line.history.recover(PROJECT, Since(epoch, offset))
    return None if kept is None else [one.offset for one in kept]


def warmed(*messages: Message, now=1_000.0):
    line = feed_line()
    for one in messages:
        line.warm(one)
    line.start(since=now - 600, now=now)
    return line


def test_a_restarted_node_recovers_what_happened_in_the_last_minutes():
    line = warmed(message(13), message(11), message(12))
    assert recovered(line, 10) == [11, 12, 13]
    assert recovered(line, 9) is None


def test_what_is_older_than_the_complete_time_only_tells_where_the_feed_stands():
    quiet = warmed(message(40, at=10.0), message(37, at=5.0))
    assert quiet.history.position == ("jira.e1", 40)
    assert recovered(quiet, 40) == []
    assert recovered(quiet, 39) is None


def test_the_minute_before_closes_the_hole_between_partitions():
    line = warmed(message(11, at=399.0), message(10, at=400.0), message(12, at=500.0))
    assert recovered(line, 9) == [10, 11, 12]


def test_a_node_without_any_past_starts_with_the_first_event():
    line = warmed()
    assert offsets(line.take(message(1), now=1_000)) == [1]
    assert recovered(line, 0) == [1]


def test_a_message_that_was_on_its_way_at_the_start_is_told_late():
    line = warmed(message(10), message(12))
    outcomes = line.take(message(11), now=1_001)
    assert [one.late for one in outcomes] == [True]
    assert offsets(outcomes) == [12]


def test_messages_without_publication_only_keep_the_order():
    line = warmed(message(10))
    assert line.take(message(12), now=1_000) == []
    assert offsets(line.take(message(11, told=False), now=1_000)) == [12]
    assert line.history.top == 12


def test_a_second_delivery_tells_nothing():
    line = warmed(message(10))
    assert offsets(line.take(message(11), now=1_000)) == [11]
    assert line.take(message(11), now=1_000) == []
    assert line.take(message(10), now=1_000) == []


def test_a_new_epoch_cuts_the_line_and_the_old_one_is_over():
    line = warmed(message(10))
    outcomes = line.take(message(1, epoch="e2"), now=1_000)
    assert outcomes[0] == Broken(Feed.JIRA, "epoch")
    assert offsets(outcomes) == [1]
    assert line.take(message(11), now=1_000) == []
    assert recovered(line, 10) is None
    assert recovered(line, 0, "jira.e2") == [1]


def test_the_first_of_an_epoch_over_another_partition_is_not_lost():
    line = warmed(message(10))
    line.take(message(3, epoch="e2"), now=1_000)
    assert offsets(line.take(message(2, epoch="e2"), now=1_000)) == [3]


def test_what_never_comes_cuts_the_line_so_that_clients_learn_of_it():
    line = warmed(message(10))
    line.take(message(12), now=1_000)
    assert offsets(line.tick(1_002)) == [12]
    assert line.tick(1_031) == []
    assert line.tick(1_032) == [Broken(Feed.JIRA, "lost")]
    assert recovered(line, 10) is None
    assert recovered(line, 12) == []


def test_a_flood_before_the_start_keeps_the_newest():
    line = feed_line(max_warm_bytes=5_000)
    for position in range(1, 200):
        line.warm(message(position))
    line.start(since=400, now=1_000)
    assert line.history.top == 199
    assert recovered(line, 5) is None
    assert recovered(line, 198) == [199]


@given(st.permutations(list(range(11, 25))), st.integers(0, 14))
def test_whenever_a_node_starts_a_client_gets_every_publication_once(arrival, started_after):
    line = feed_line()
    line.warm(message(10))
    for position in arrival[:started_after]:
        line.warm(message(position))
    line.start(since=400, now=1_000)
    told = recovered(line, 9)
    live = [one for position in arrival[started_after:] for one in line.take(message(position), now=1_000)]
    got = told + [one.publication.position for one in live if isinstance(one, Kept)]
    assert sorted(got) == list(range(10, 25))
