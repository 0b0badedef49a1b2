"""Wiki text comes in; out goes the same text with its {code}, {quote}, {panel}… lifted out as numbered atoms."""

import re
from dataclasses import dataclass, field

ATOM = re.compile("\x00(\\d+)\x00")
COLOR_ON = re.compile("\x01([^\x01]*)\x01")
COLOR_OFF = "\x02"

_TAG = re.compile(r"(\\?)(?<!\{)\{(code|noformat|quote|panel|color)(?::([^{}\n]{0,500}))?\}", re.IGNORECASE)
_VERBATIM = frozenset({"code", "noformat"})


@dataclass(frozen=True, slots=True)
class Atom:
    """One lifted macro: its name, its parameters and the text between its tags."""

    name: str
    params: str
    body: str


@dataclass(slots=True)
class _Frame:
    name: str
    params: str
    literal: str
    pieces: list[str] = field(default_factory=list)


class _Lifter:
    """A stack of open macros and, for each tag, where it is known not to come again (that keeps it linear)."""

    def __init__(self, text: str) -> None:
        self.text, self.lower = text, text.lower()
        self.atoms: list[Atom] = []
        self.frames = [_Frame("", "", "")]
        self.last = {
            name: self.lower.rfind("{" + name + "}") for name in ("code", "noformat", "quote", "panel", "color")
        }
        self.colored = False

    def lift(self) -> str:
        position = 0
        while match := _TAG.search(self.text, position):
            self.put(self.text[position : match.start()])
            position = self.tag(match)
        self.put(self.text[position:])
        while len(self.frames) > 1:
            self.give_up_frame()
        return "".join(self.frames[0].pieces)

    def put(self, text: str) -> None:
        self.frames[-1].pieces.append(text)

    def tag(self, match: re.Match[str]) -> int:
        """Handles one tag and says where to read on."""
        name, params, end = match[2].lower(), match[3], match.end()
        comes_again = self.last[name] >= end
        if match[1]:
            self.put(match[0])
        elif name in _VERBATIM:
            return self.verbatim(name, params or "", match) if comes_again else end
        elif name == "color":
            self.color(params, comes_again)
        elif params is None and any(frame.name == name for frame in self.frames):
            self.close(name)
        elif comes_again:
            self.frames.append(_Frame(name, params or "", match[0]))
        return end

    def verbatim(self, name: str, params: str, match: re.Match[str]) -> int:
        close = self.lower.find("{" + name + "}", match.end())
        self.atom(Atom(name, params, self.text[match.end() : close]))
        return close + len(name) + 2

    def color(self, params: str | None, comes_again: bool) -> None:
        if params is None:
            self.put(COLOR_OFF if self.colored else "")
            self.colored = False
        elif comes_again:
            self.put(f"\x01{params.strip()}\x01")
            self.colored = True

    def close(self, name: str) -> None:
        while self.frames[-1].name != name:
            self.give_up_frame()
        frame = self.frames.pop()
        self.atom(Atom(name, frame.params, "".join(frame.pieces)))

    def give_up_frame(self) -> None:
        """A macro that never closes is no macro: its contents belong to the text around it."""
        frame = self.frames.pop()
        self.put("".join(frame.pieces))

    def atom(self, atom: Atom) -> None:
        self.atoms.append(atom)
        self.put(f"\x00{len(self.atoms) - 1}\x00")


def lift_macros(text: str) -> tuple[str, list[Atom]]:
    """The text must be free of the control characters that stand for atoms and colours (see `clean_text`)."""
    lifter = _Lifter(text)
    return lifter.lift(), lifter.atoms
