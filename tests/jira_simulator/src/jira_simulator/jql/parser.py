"""A JQL text in, its tree out; what is not JQL is refused with its position."""

from jira_simulator.jql.errors import JqlRefused
from jira_simulator.jql.lexer import RESERVED, Token, tokens
from jira_simulator.jql.tree import Clause, Combined, Negated, Node, Query, Sort, Value

_MAX_SORTS = 7
_MAX_DEPTH = 60


def parse(text: str) -> Query:
    return _Parser(tokens(text)).query()


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._now
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _refuse(self, expected: str) -> JqlRefused:
        token = self._now
        if token.kind == "end":
            return JqlRefused(f"Error in the JQL Query: Expecting {expected} before the end of the query.")
        return JqlRefused(
            f"Error in the JQL Query: Expecting {expected} but got '{token.text}'. (line 1, character {token.at + 1})"
        )

    def _at_sign(self, text: str) -> bool:
        return self._now.kind == "punctuation" and self._now.text == text

    def query(self) -> Query:
        where = None
        if self._now.kind != "end" and not self._now.is_word("order"):
            where = self._either()
        order: list[Sort] = []
        if self._now.is_word("order"):
            order = self._order()
        if self._now.kind != "end":
            raise self._refuse("either 'OR' or 'AND'")
        return Query(where, tuple(order))

    def _order(self) -> list[Sort]:
        self._take()
        if not self._now.is_word("by"):
            raise self._refuse("'by'")
        sorts: list[Sort] = []
        while True:
            self._take()
            name = self._field()
            descending = False
            if self._now.is_word("asc", "desc"):
                descending = self._take().text.lower() == "desc"
            sorts.append(Sort(name, descending))
            if not self._at_sign(","):
                break
        if len(sorts) > _MAX_SORTS:
            raise JqlRefused(f"The maximum number of fields in ORDER BY is {_MAX_SORTS}.")
        return sorts

    def _either(self) -> Node:
        parts = [self._both()]
        while self._now.is_word("or"):
            self._take()
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Combined("or", tuple(parts))

    def _both(self) -> Node:
        parts = [self._term()]
        while self._now.is_word("and"):
            self._take()
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else Combined("and", tuple(parts))

    def _term(self) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise JqlRefused("Error in the JQL Query: The query is nested too deeply.")
        try:
            if self._now.is_word("not"):
                self._take()
                return Negated(self._term())
            if self._at_sign("("):
                self._take()
                inner = self._either()
                self._expect(")")
                return inner
            return self._clause()
        finally:
            self._depth -= 1

    def _expect(self, text: str) -> None:
        if not self._at_sign(text):
            raise self._refuse(f"'{text}'")
        self._take()

    def _field(self) -> str:
        token = self._now
        if token.kind not in {"word", "string"} or (token.kind == "word" and token.text.lower() in RESERVED):
            raise self._refuse("a field name")
        return self._take().text

    def _clause(self) -> Clause:
        name = self._field()
        operator = self._operator()
        if operator in {"in", "not in"}:
            return Clause(name, operator, self._list())
        if operator in {"is", "is not"}:
            if not self._now.is_word("empty", "null"):
                raise JqlRefused(f"The operator '{operator}' can only be used with EMPTY or NULL.")
            self._take()
            return Clause(name, operator, ())
        if self._now.is_word("empty", "null"):
            self._take()
            return Clause(name, {"=": "is", "!=": "is not"}.get(operator, operator), ())
        return Clause(name, operator, (self._value(),))

    def _operator(self) -> str:
        token = self._now
        if token.kind == "operator":
            return self._take().text
        word = token.text.lower() if token.kind == "word" else ""
        if word not in {"in", "not", "is", "was", "changed"}:
            raise self._refuse("an operator")
        if word in {"was", "changed"}:
            raise JqlRefused(f"The simulator cannot evaluate the operator '{word.upper()}'.")
        self._take()
        if word == "not":
            if not self._now.is_word("in"):
                raise self._refuse("'in'")
            self._take()
            return "not in"
        if word == "is" and self._now.is_word("not"):
            self._take()
            return "is not"
        return word

    def _list(self) -> tuple[Value, ...]:
        if self._now.kind == "word" and self._tokens[self._at + 1].text == "(":
            return (self._value(),)
        self._expect("(")
        values = [self._value()]
        while self._at_sign(","):
            self._take()
            values.append(self._value())
        self._expect(")")
        return tuple(values)

    def _value(self) -> Value:
        token = self._now
        if token.kind == "string":
            return Value(self._take().text, quoted=True)
        if token.kind != "word":
            raise self._refuse("a value")
        if token.text.lower() in RESERVED:
            raise JqlRefused(
                f"Error in the JQL Query: '{token.text}' is a reserved JQL word. You must surround it in quotation "
                f"marks to use it in a query. (line 1, character {token.at + 1})"
            )
        self._take()
        if self._at_sign("("):
            return self._function(token.text)
        return Value(token.text)

    def _function(self, name: str) -> Value:
        self._take()
        arguments: list[str] = []
        while not self._at_sign(")"):
            if self._now.kind not in {"word", "string"}:
                raise self._refuse("an argument")
            arguments.append(self._take().text)
            if self._at_sign(","):
                self._take()
        self._take()
        return Value(name, function=True, arguments=tuple(arguments))
