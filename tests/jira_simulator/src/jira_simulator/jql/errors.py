"""Why a query is refused: the sentences Jira would show, plus the name of what the simulator cannot evaluate."""


class JqlRefused(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
