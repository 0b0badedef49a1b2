"""What the renderers ask the world: names of pictures, people and issues come in, addresses and names go out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


def _nothing(_: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Resolver:
    """Each answer may be None: a picture becomes a box with its name, a person or an issue stays as written.

    A dict serves as well: `Resolver(image={"a.png": "asset:1"}.get)`.
    """

    image: Callable[[str], str | None] = _nothing
    mention: Callable[[str], str | None] = _nothing
    issue: Callable[[str], str | None] = _nothing
    attachment: Callable[[str], str | None] = _nothing
    day: Callable[[date], str] = date.isoformat
