"""Makes issues one by one in the order of their creation, each with its history from first value to last."""

import random
from dataclasses import replace
from typing import Any

from jira_simulator.generate.files import MEDIA_TYPES, POOL_SIZE
from jira_simulator.generate.history import HistoryMaker
from jira_simulator.generate.texts import GeneratedText, Language
from jira_simulator.generate.words import CJK, EMOJI, LABELS, PROBLEMS, RUSSIAN, SUBJECTS, WISHES
from jira_simulator.model.issue import Attachment, Comment, Issue, Visibility, Worklog
from jira_simulator.model.records import FieldDef, Project, User
from jira_simulator.model.site import Site

_FIRST_ISSUE = 10_001
_DAY = 86_400_000
_IMPORTED = range(40, 70)  # Issues of one import share the millisecond of their creation.


class IssueMaker:
    def __init__(self, site: Site, crew: list[User], seed: int, first: int, last: int) -> None:
        self._site = site
        self._crew = crew
        self._first, self._last = first, last
        self._rng = random.Random(f"{seed}:{site.personality}")
        self._child_id = 0
        self._history = HistoryMaker(site, crew, self._rng)
        self._customs = [field for field in site.catalogue.fields.values() if field.custom]

    def make(self, count: int, shares: list[tuple[Project, int]]) -> list[Issue]:
        # Ids of comments and the like begin above all issue ids, so that no number means two things.
        self._child_id = _FIRST_ISSUE + count + 1_000
        weights = [share for _, share in shares]
        open_epics: dict[int, list[int]] = {}
        made: list[Issue] = []
        for place in range(count):
            project = self._rng.choices([project for project, _ in shares], weights)[0]
            issue = self._issue(place, count, project, open_epics.setdefault(project.id, []), made)
            if issue.type == "10000":
                open_epics[project.id].append(issue.id)
            made.append(issue)
            self._site.issues[issue.id] = issue
        return made

    def _next_id(self) -> int:
        self._child_id += 1
        return self._child_id

    def _created(self, place: int, count: int) -> int:
        if place % 1000 in _IMPORTED:
            place -= place % 1000 - _IMPORTED.start
        step = (self._last - self._first - 20 * _DAY) / max(1, count)
        return int(self._first + step * place) // 1000 * 1000 + place * 7919 % 1000

    def _issue(self, place: int, count: int, project: Project, epics: list[int], made: list[Issue]) -> Issue:
        rng = self._rng
        created = self._created(place, count)
        language: Language = rng.choices(("en", "ru", "cjk"), (70, 24, 6))[0]
        type_id, parent = self._type_and_parent(project, epics, made)
        reporter, creator = rng.choice(self._crew), rng.choice(self._crew)
        attachments = self._attachments(created, creator)
        image = next((entry.name for entry in attachments if entry.media_type == "image/png"), None)
        first = Issue(
            id=_FIRST_ISSUE + place,
            key=self._site.next_key(project),
            project=project.id,
            type=type_id,
            summary=self._summary(language),
            status="1" if project.type_key == "business" else "10000",
            creator=creator.id,
            created=created,
            updated=created,
            reporter=reporter.id,
            priority=rng.choices(("1", "2", "3", "4", "5"), (5, 15, 55, 18, 7))[0],
            labels=tuple(sorted(rng.sample(LABELS, rng.choice((0, 0, 1, 1, 2, 3))))),
            components=tuple(e.id for e in rng.sample(project.components, rng.choice((0, 1, 1, 2)))),
            fix_versions=tuple(e.id for e in rng.sample(project.versions, rng.choice((0, 1)))),
            affects_versions=tuple(e.id for e in rng.sample(project.versions, rng.choice((0, 0, 1)))),
            parent=parent,
            security=rng.choice(("10020", "10021")) if rng.random() < 0.05 else None,
            description=self._description(language, image),
            environment=self._text("en", rich=False) if rng.random() < 0.1 else None,
            rank=f"0|i{place:05x}:",
            custom=self._custom_values(created, type_id, project),
            attachments=attachments,
            watchers=(creator.id,),
            voters=tuple(user.id for user in rng.sample(self._crew, rng.choice((0, 0, 0, 1, 3)))),
            **self._schedule(created),
        )
        aged = self._history.live_through(first, min(self._last, created + 200 * _DAY), self._next_id, place)
        return self._talked(aged, language, place)

    def _schedule(self, created: int) -> dict[str, Any]:
        rng = self._rng
        values: dict[str, Any] = {}
        if rng.random() < 0.3:
            values["due"] = f"20{26 + (created > self._last)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        if rng.random() < 0.35:
            values["original_estimate"] = values["remaining"] = rng.choice((3600, 14_400, 28_800, 86_400, 144_000))
        return values

    def _type_and_parent(self, project: Project, epics: list[int], made: list[Issue]) -> tuple[str, int | None]:
        """Sub-tasks hang on a recent ordinary issue of the same project, half of the others on an epic."""
        rng = self._rng
        type_id = rng.choices(("10000", "10001", "10002", "10004", "10003"), (5, 25, 25, 35, 10))[0]
        if type_id == "10003":
            recent = made[-1:-60:-1]
            hosts = [i.id for i in recent if i.project == project.id and i.type not in {"10000", "10003"}]
            return ("10003", rng.choice(hosts)) if hosts else ("10002", None)
        if type_id != "10000" and epics and self._site.cloud and rng.random() < 0.5:
            return type_id, epics[-1 - rng.randrange(min(3, len(epics)))]
        return type_id, None

    def _summary(self, language: Language) -> str:
        rng = self._rng
        if language == "ru":
            text = rng.choice(RUSSIAN)
        elif language == "cjk":
            text = f"{rng.choice(CJK)} ({rng.choice(SUBJECTS)})"
        else:
            text = f"{rng.choice(SUBJECTS)} {rng.choice(PROBLEMS if rng.random() < 0.6 else WISHES)}"
        return f"{text} {rng.choice(EMOJI)}" if rng.random() < 0.04 else text

    def _text(self, language: Language, *, rich: bool, image: str | None = None) -> GeneratedText:
        rng = self._rng
        user = rng.choice(self._crew) if rng.random() < 0.15 else None
        # A mention reads `[~accountid:…]` on Cloud and `[~name]` on Data Center.
        named = None if user is None else (user.id if self._site.cloud else user.name, user.display_name)
        return GeneratedText(rng.getrandbits(40), language, rich=rich, mention=named, image=image)

    def _description(self, language: Language, image: str | None) -> GeneratedText | None:
        if self._rng.random() < 0.08:
            return None
        return self._text(language, rich=self._rng.random() < 0.75, image=image)

    def _attachments(self, created: int, creator: User) -> tuple[Attachment, ...]:
        rng = self._rng
        found = []
        for place in range(rng.choices((0, 1, 2, 3), (66, 20, 10, 4))[0]):
            kind = rng.choices(("png", "txt", "pdf", "csv"), (60, 20, 10, 10))[0]
            number = rng.randrange(POOL_SIZE)
            name = {"png": f"screenshot-{place + 1}.png", "txt": f"журнал {number}.txt"}.get(
                kind, f"report-{number}.{kind}"
            )
            found.append(Attachment(self._next_id(), name, creator.id, created, MEDIA_TYPES[kind], f"{kind}:{number}"))
        return tuple(found)

    def _custom_values(self, created: int, type_id: str, project: Project) -> dict[str, Any]:
        rng = self._rng
        values = {}
        for field in self._customs:
            if rng.random() < 0.35 and field.project_only in {None, project.id}:
                value = self._custom_value(field, created, type_id)
                if value is not None:
                    values[field.id] = value
        return values

    def _custom_value(self, field: FieldDef, created: int, type_id: str) -> Any:
        rng = self._rng
        makers: dict[str, Any] = {
            "number": lambda: float(rng.choice((0, 0.5, 1, 2, 3, 5, 8, 13))),
            "option": lambda: rng.choice(field.options).id,
            "options": lambda: tuple(option.id for option in rng.sample(field.options, rng.randint(1, 3))),
            "text": lambda: f"REF-{rng.randint(1000, 9999)}",
            "textarea": lambda: self._text(rng.choice(("en", "ru")), rich=False),
            "user": lambda: rng.choice(self._crew).id,
            "date": lambda: f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
            "datetime": lambda: created + rng.randint(1, 90) * _DAY,
            "sprint": lambda: tuple(sorted(rng.sample(range(1, 7), rng.choice((1, 1, 2))))),
        }
        maker = makers.get(field.kind)
        if maker is None or (field.kind == "sprint" and type_id in {"10000", "10003"}):
            return None
        return maker()

    def _talked(self, issue: Issue, language: Language, place: int) -> Issue:
        """Comments and worklogs; one issue of a hundred has a very long conversation."""
        rng = self._rng
        count = rng.randint(105, 140) if place % 100 == 17 else rng.choices((0, 1, 2, 4, 9), (30, 25, 20, 18, 7))[0]
        at, comments = issue.created, []
        for _ in range(count):
            at += rng.randint(60_000, _DAY // 2 if count > 100 else 5 * _DAY)
            author = rng.choice(self._crew).id
            hidden = Visibility("role", "Administrators") if rng.random() < 0.04 else None
            edited = at + 60_000 if rng.random() < 0.1 else at
            body = self._text(language, rich=rng.random() < 0.12)
            comments.append(Comment(self._next_id(), author, body, at, edited, author, hidden))
        worklogs = tuple(self._worklog(issue) for _ in range(rng.choices((0, 1, 3), (75, 15, 10))[0]))
        if place % 200 == 23:
            worklogs = tuple(self._worklog(issue) for _ in range(25))
        last = max((issue.updated, at, *(entry.updated for entry in worklogs)))
        return replace(issue, comments=tuple(comments), worklogs=worklogs, updated=last)

    def _worklog(self, issue: Issue) -> Worklog:
        rng = self._rng
        started = issue.created + rng.randint(1, 400) * 3_600_000
        made = started + 3_600_000
        text = self._text("en", rich=False) if rng.random() < 0.6 else None
        author = rng.choice(self._crew).id
        return Worklog(self._next_id(), author, text, started, rng.choice((900, 1800, 3600, 7200, 14_400)), made, made)
