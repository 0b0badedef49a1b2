import pytest
from gateway_client import Gateway

from common.issues.searching import plan_search
from common.testing.mirror import MirrorSeed


@pytest.fixture
async def found(gateway: Gateway, mirror: MirrorSeed) -> Gateway:
    jira = await mirror.jira()
    await mirror.project(jira, "D", 1)
    text = {"format": "wiki", "raw": "The *payment* service <b>fails</b> with error 42"}
    one = await mirror.issue(jira, "D-1", "Ошибка входа в систему", detail={"description": text}, search_text="payment")
    await mirror.issue(jira, "D-2", "Login page crashes", jira_id=77)
    await mirror.issue(jira, "D-12", "Users cannot log in")
    await mirror.insert("issue_keys", connection_id=jira, key="OLD-5", jira_id=one.jira_id)
    return gateway.as_tenant(mirror.tenant)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("ошибки", {"D-1"}),
        ("ВХОД", {"D-1"}),
        ("crash", {"D-2"}),
        ("crashed page ", {"D-2"}),
        ("logi", {"D-2"}),
        ("user", {"D-12"}),
        ("D-2", {"D-2"}),
        ("d-12", {"D-12"}),
        ("old-5", {"D-1"}),
        ("payment", {"D-1"}),
        ("crashes nowhere", set()),
        ("!!!", set()),
        ("'\\ & | :* <-> ()", set()),
        ("a' OR '1'='1", set()),
    ],
)
async def test_words_stems_prefixes_and_keys_find_issues(found: Gateway, q: str, expected: set[str]) -> None:
    assert set(await found.keys(q=q)) == expected


async def test_a_search_says_why_each_issue_is_in_it(found: Gateway) -> None:
    answer = await found.post("/issues/search", {"q": "payment", "highlight": True, "count": True})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["count"] == {"value": 1, "exact": True}
    item = page["items"][0]
    assert item["rank"] > 0
    assert item["highlight"]["summary"] is None
    assert "<mark>payment</mark>" in item["highlight"]["description"]
    assert "<b>" not in item["highlight"]["description"]


@pytest.mark.parametrize("q", ["it's", "back\\slash'", "'", "a:*b", "<mark>", "x" * 500])
async def test_no_text_breaks_the_search_or_its_highlights(found: Gateway, q: str) -> None:
    answer = await found.post("/issues/search", {"q": f"{q} payment", "highlight": True})
    assert answer.status_code in (200, 422)
    assert (await found.post("/issues/search", {"q": f"payment {q}", "highlight": True})).status_code in (200, 422)


async def test_both_plans_find_the_same(found: Gateway, mirror: MirrorSeed, monkeypatch: pytest.MonkeyPatch) -> None:
    jira = await mirror.jira("https://bulk.example.com")
    await mirror.many_issues(jira, 60)
    by_ids = await found.keys(q="even", limit=7)
    monkeypatch.setattr(plan_search, "__kwdefaults__", {"few": 5})
    walked = await found.keys(q="even", limit=7)
    assert len(by_ids) == 30
    assert walked == by_ids
    answer = await found.get("/issues", q="even", count="true", limit=1)
    assert answer.json()["count"] == {"value": 30, "exact": True}


async def test_a_cursor_of_one_search_is_refused_by_another(found: Gateway) -> None:
    cursor = (await found.get("/issues", limit=1)).json()["next_cursor"]
    assert cursor is not None
    for params in ({"q": "user"}, {"sort": "key"}, {"status": "Done"}, {"assignee": "me"}):
        answer = await found.get("/issues", cursor=cursor, limit=1, **params)
        assert (answer.status_code, answer.json()["code"]) == (400, "query.invalid_cursor"), params
