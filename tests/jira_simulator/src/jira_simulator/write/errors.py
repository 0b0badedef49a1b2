"""Why a write is refused, in the words Jira uses."""


class WriteRefused(Exception):
    """`messages` and `errors` become the two parts of Jira's error body."""

    def __init__(self, *messages: str, status: int = 400, errors: dict[str, str] | None = None) -> None:
        super().__init__(*messages, errors or {})
        self.messages = list(messages)
        self.errors = errors or {}
        self.status = status
