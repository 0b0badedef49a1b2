"""The generated site: the same for a seed, and with everything a mirror has to cope with."""

import time

import pytest

from jira_simulator.generate.site import LAST_DAY, generate_site
from jira_simulator.http.truth import digest
from jira_simulator.model.records import Personality


def digests(personality, seed, count=60):
    site = generate_site(personality, "http://jira.test", count, seed)
    return [digest(site, issue) for issue in site.issues.values()]


def test_a_seed_means_the_same_issues(personality):
    assert digests(personality, 5) == digests(personality, 5)
    assert digests(personality, 5) != digests(personality, 6)


def test_project_keys_of_the_two_personalities_differ():
    keys = [
        {project.key for project in generate_site(personality, "http://x", 10, 1).projects.values()}
        for personality in Personality
    ]
    assert not keys[0] & keys[1]
    assert all(len(entry) >= 5 for entry in keys)


@pytest.fixture(scope="module")
def site():
    return generate_site(Personality.CLOUD, "http://jira.test", 250, 1)


def test_it_has_what_a_mirror_has_to_cope_with(site):
    issues = list(site.issues.values())
    assert len(issues) == 250
    assert max(len(issue.comments) for issue in issues) > 100
    assert max(len(issue.changes) for issue in issues) > 100
    assert max(len(issue.worklogs) for issue in issues) > 20
    assert {issue.type for issue in issues} == set(site.catalogue.types)
    assert any(issue.security for issue in issues)
    assert any(comment.visibility for issue in issues for comment in issue.comments)
    assert any(issue.links for issue in issues)
    assert any(site.projects[issue.project].private for issue in issues)
    assert {entry.media_type for issue in issues for entry in issue.attachments} >= {"image/png", "application/pdf"}
    used = {field for issue in issues for field in issue.custom}
    assert used == {field.id for field in site.catalogue.fields.values() if field.custom} - {"customfield_10019"}
    names = " ".join(user.display_name for user in site.users.values())
    for script in ("Соколова", "田中", "김", "Müller"):
        assert script in names


def test_an_import_gave_many_issues_the_same_moment(site):
    created = [issue.created for issue in site.issues.values()]
    assert max(created.count(moment) for moment in set(created)) >= 20


def test_every_latin_summary_has_an_ordinary_word_of_five_letters(site):
    for issue in site.issues.values():
        words = [word for word in issue.summary.replace("(", " ").replace(")", " ").split() if word.isalpha()]
        assert max(len(word) for word in words) >= 5


def test_subtasks_belong_to_an_older_issue_of_their_project(site):
    children = [issue for issue in site.issues.values() if site.catalogue.types[issue.type].subtask]
    assert children
    for child in children:
        parent = site.issues[child.parent]
        assert parent.project == child.project
        assert parent.id < child.id


def test_keys_grow_with_creation_and_nothing_happens_before_it(site):
    for project in site.projects.values():
        own = [issue for issue in site.issues.values() if issue.project == project.id]
        assert [issue.number for issue in own] == list(range(1, len(own) + 1))
        assert [issue.created for issue in own] == sorted(issue.created for issue in own)
    for issue in site.issues.values():
        moments = [entry.created for entry in issue.comments] + [change.at for change in issue.changes]
        assert all(issue.created <= moment <= issue.updated for moment in moments)
        assert issue.updated < LAST_DAY + 140 * 86_400_000


def test_the_demo_size_is_made_in_no_time():
    started = time.perf_counter()
    generate_site(Personality.DATACENTER, "http://jira.test", 250, 1)
    assert time.perf_counter() - started < 2
