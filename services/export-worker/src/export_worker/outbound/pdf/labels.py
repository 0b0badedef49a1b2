"""A language comes in, the printed words, dates and sizes of that language go out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ENGLISH = {
    "status": "Status", "priority": "Priority", "resolution": "Resolution", "assignee": "Assignee",
    "reporter": "Reporter", "created": "Created", "updated": "Updated", "resolved": "Resolved", "due": "Due",
    "parent": "Parent", "labels": "Labels", "components": "Components", "fix_versions": "Fix versions",
    "affects_versions": "Affects versions", "sprint": "Sprint", "security_level": "Security level",
    "description": "Description", "details": "Details", "links": "Links", "attachments": "Attachments",
    "comments": "Comments", "worklogs": "Work log", "history": "History", "unassigned": "Unassigned",
    "none": "None", "empty": "No description.", "edited": "edited", "restricted": "Visible to",
    "when": "When", "who": "Who", "field": "Field", "change": "Change", "name": "Name", "size": "Size",
    "added": "Added", "by": "By", "time": "Time", "note": "Note", "as_of": "State of", "page": "Page", "of": "of",
    "deleted_user": "Unknown person", "total": "Total",
}  # fmt: skip
_RUSSIAN = {
    "status": "Статус", "priority": "Приоритет", "resolution": "Резолюция", "assignee": "Исполнитель",
    "reporter": "Автор", "created": "Создана", "updated": "Обновлена", "resolved": "Решена", "due": "Срок",
    "parent": "Родитель", "labels": "Метки", "components": "Компоненты", "fix_versions": "Исправить в версиях",
    "affects_versions": "Затронутые версии", "sprint": "Спринт", "security_level": "Уровень доступа",
    "description": "Описание", "details": "Сведения", "links": "Связи", "attachments": "Вложения",
    "comments": "Комментарии", "worklogs": "Журнал работ", "history": "История", "unassigned": "Не назначен",
    "none": "Нет", "empty": "Описания нет.", "edited": "изменён", "restricted": "Видно только:",
    "when": "Когда", "who": "Кто", "field": "Поле", "change": "Изменение", "name": "Имя", "size": "Размер",
    "added": "Добавлено", "by": "Кем", "time": "Время", "note": "Примечание", "as_of": "Состояние на",
    "page": "Страница", "of": "из", "deleted_user": "Неизвестный", "total": "Всего",
}  # fmt: skip
_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "ru": ["янв.", "февр.", "мар.", "апр.", "мая", "июн.", "июл.", "авг.", "сент.", "окт.", "нояб.", "дек."],
}
_UNITS = {"en": ("B", "KB", "MB", "GB"), "ru": ("Б", "КБ", "МБ", "ГБ")}
_SPANS = {"en": ("h", "m"), "ru": ("ч", "мин")}
_STEP = 1024


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one language and one time zone; an unknown language is English, an unknown zone is UTC."""

    language: str
    words: Mapping[str, str]
    zone: ZoneInfo

    @classmethod
    def of(cls, language: str, timezone: str) -> "Labels":
        known = "ru" if language.lower().startswith("ru") else "en"
        try:
            zone = ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            zone = ZoneInfo("UTC")
        return cls(known, MappingProxyType(_RUSSIAN if known == "ru" else _ENGLISH), zone)

    def day(self, day: date) -> str:
        return f"{day.day}\u00a0{_MONTHS[self.language][day.month - 1]}\u00a0{day.year:04d}"

    def moment(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{self.day(local.date())}, {local:%H:%M}"

    def moment_with_zone(self, at: datetime) -> str:
        return f"{self.moment(at)}\u00a0{at.astimezone(self.zone).tzname() or 'UTC'}"

    def size(self, count: int) -> str:
        amount, units = float(max(count, 0)), _UNITS[self.language]
        unit = 0
        while amount >= _STEP and unit < len(units) - 1:
            amount, unit = amount / _STEP, unit + 1
        digits = f"{amount:.0f}" if unit == 0 or amount >= 10 else f"{amount:.1f}"
        return f"{digits.replace('.', ',') if self.language == 'ru' else digits}\u00a0{units[unit]}"

    def duration(self, seconds: int) -> str:
        hours, minutes = divmod(max(seconds, 0) // 60, 60)
        hour, minute = _SPANS[self.language]
        parts = [f"{hours}\u00a0{hour}"] if hours else []
        return " ".join([*parts, f"{minutes}\u00a0{minute}"] if minutes or not hours else parts)
