import json
from datetime import timedelta

import pytest
from notifier_examples import CONNECTION, ISSUE, NOW, PROJECT, TENANT, viewer

from common.contracts.access import MembershipChangedV1
from common.contracts.audit import ExportAuditRecordedV1, SyncAuditRecordedV1
from common.contracts.events import Envelope, cloud_event
from common.contracts.exports import ExportFinishedV1, ExportRequestedV1
from common.contracts.issues import CommentCreatedV1, EventAccess, IssueChangedV1, IssueMovedV1
from common.contracts.sync import GrantsChangedV1, SyncPhaseChangedV1
from common.contracts.topics import TOPICS
from common.ids import new_id, parse_id, public_id
from common.messaging.broadcast import Received
from notifier.domain.channels import Feed, Kind, Target
from notifier.domain.sight import Origin, Seen
from notifier.usecases.make_publication import READ_TOPICS, feed_of, make_message

ISSUE_FACTS = {
    "connection_id": CONNECTION,
    "issue_id": ISSUE,
    "key": "A-1",
    "project_key": "A",
    "project_id": "10000",
    "revision": 3,
    "at": NOW,
}


def received(event, *, position=5, epoch="e1", mangle=None):
    document = cloud_event(event, tenant=parse_id("ten", TENANT), time=NOW, traceparent=None)
    document |= {"position": position, "epoch": epoch}
    if mangle is not None:
        mangle(document)
    raw = json.dumps(document).encode()
    return Received(event.topic, 0, 0, 1_000, raw, Envelope.model_validate_json(raw))


def message(event, **how: object):
    made = make_message(received(event, **how))
    assert made is not None
    return made


def test_an_issue_event_reaches_its_issue_and_its_project_by_id():
    made = message(IssueChangedV1(**ISSUE_FACTS, fields=["status"]))
    assert (made.epoch, made.position, made.at) == ("e1", 5, 1.0)
    assert set(made.publication.targets) == {PROJECT, Target(TENANT, Kind.ISSUE, ISSUE)}


def test_clients_get_the_cloud_event_without_its_internal_part():
    event = CommentCreatedV1(**ISSUE_FACTS, comment_id="com_1", access=EventAccess(visibility="role:Administrators"))
    publication = message(event).publication
    assert publication.origin == Origin(CONNECTION, "10000", visibility="role:Administrators")
    document = json.loads(publication.data)
    assert document["type"] == "jira.comment.created.v1"
    assert document["data"]["key"] == "A-1"
    assert "access" not in document["data"]
    assert "Administrators" not in publication.data


def test_an_event_that_says_nothing_about_access_is_for_nobody():
    event = IssueChangedV1(**ISSUE_FACTS, fields=[])
    publication = message(event, mangle=lambda document: document["data"].pop("access")).publication
    assert viewer().hears(publication) is None


def test_a_moved_issue_is_told_in_the_project_that_it_left():
    event = IssueMovedV1(**ISSUE_FACTS, old_key="B-1", old_project_key="B", old_project_id="10001")
    projects = {target.project_id for target in message(event).publication.targets if target.kind is Kind.PROJECT}
    assert projects == {"10000", "10001"}


@pytest.mark.parametrize(
    ("project", "kind", "hidden"), [("10000", "jira.issue.created.v1", "B"), ("10001", "jira.issue.deleted.v1", "A")]
)
def test_a_move_names_only_the_side_that_is_seen(project, kind, hidden):
    event = IssueMovedV1(**ISSUE_FACTS, old_key="B-1", old_project_key="B", old_project_id="10001")
    text = viewer(sight={CONNECTION: Seen(projects=frozenset({project}))}).hears(message(event).publication)
    told = json.loads(text)
    assert told["type"] == kind
    assert told["data"]["project_id"] == project
    assert not [name for name, value in told["data"].items() if str(value).startswith(hidden)]


def test_a_new_key_in_the_same_project_is_told_once():
    event = IssueMovedV1(**ISSUE_FACTS, old_key="OLD-1", old_project_key="OLD", old_project_id="10000")
    assert len(message(event).publication.targets) == 2


def test_a_phase_reaches_the_connection_and_the_tenant():
    event = SyncPhaseChangedV1(connection_id=CONNECTION, phase="live", at=NOW)
    kinds = {target.kind for target in message(event).publication.targets}
    assert kinds == {Kind.CONNECTION, Kind.TENANT}


def test_the_end_of_an_export_reaches_its_channel_and_who_asked_for_it():
    export, user = public_id("exp", new_id()), public_id("usr", new_id())
    event = ExportFinishedV1(export_id=export, user_id=user, status="finished", at=NOW)
    assert set(message(event).publication.targets) == {
        Target(TENANT, Kind.EXPORT, export),
        Target(TENANT, Kind.USER, user),
    }


@pytest.mark.parametrize(
    "event",
    [
        ExportRequestedV1(export_id="exp_1"),
        MembershipChangedV1(user_id="usr_1", at=NOW, role=None),
        GrantsChangedV1(connection_id=CONNECTION, at=NOW),
        SyncAuditRecordedV1(actor_kind="user", action="grant.added", at=NOW),
        ExportAuditRecordedV1(actor_kind="user", action="export.created", at=NOW),
    ],
)
def test_what_nobody_may_hear_still_takes_its_place_in_the_order(event):
    made = message(event)
    assert made.publication is None
    assert made.position == 5


def test_an_event_without_a_position_is_left_out():
    assert make_message(received(IssueChangedV1(**ISSUE_FACTS, fields=[]), position=None)) is None


def test_every_topic_of_a_feed_is_read_because_positions_are_dense_over_all_of_them():
    producers = {TOPICS[topic].producer for topic in READ_TOPICS}
    assert set(READ_TOPICS) == {topic for topic in TOPICS if TOPICS[topic].producer in producers}
    assert {feed_of(topic) for topic in READ_TOPICS} == set(Feed)


def test_retention_covers_what_a_node_reads_at_its_start():
    assert all(TOPICS[topic].retention > timedelta(minutes=20) for topic in READ_TOPICS)
