"""Asks Postgres to mark the hits in texts, with the same word stems that found them."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, Text, bindparam, column, func, literal, select

from api_gateway.domain.highlights import BEGIN, END
from common.db.reading import Reader, compile_read
from common.issues.searching import TextQuery

_OPTIONS = (
    f"StartSel={BEGIN}, StopSel={END}, MaxWords=30, MinWords=10, ShortWord=2, MaxFragments=2, FragmentDelimiter= … "
)


async def list_headlines(reader: Reader, query: TextQuery, texts: Sequence[str]) -> list[str]:
    """The best pieces of each text, hits between marks; the texts are the caller's, no table is read."""
    words = " ".join(query.words)
    rows = await reader.fetch(_HEADLINES, texts=list(texts), words=words, prefix=_lexeme(query.prefix))
    return [row["headline"] for row in rows]


def _lexeme(prefix: str | None) -> str:
    """A quoted tsquery prefix; quotes and backslashes would end the quoting."""
    bare = (prefix or "").replace("'", "").replace("\\", "")
    return f"'{bare}':*" if bare else ""


_text = (
    func.unnest(bindparam("texts", type_=ARRAY(Text())))
    .table_valued(column("text", Text()), with_ordinality="place", name="given")
    .render_derived()
)

_words = bindparam("words", type_=Text())
_prefix = bindparam("prefix", type_=Text())
_asked = (
    func.plainto_tsquery("pg_catalog.russian", _words)
    .op("||")(func.plainto_tsquery("pg_catalog.simple", _words))
    .op("||")(func.to_tsquery("pg_catalog.russian", _prefix))
    .op("||")(func.to_tsquery("pg_catalog.simple", _prefix))
)

# no tenant: nothing but the caller's own texts is read.
_HEADLINES = compile_read(
    select(
        func.ts_headline("pg_catalog.russian", _text.c.text, _asked, literal(_OPTIONS, Text())).label("headline")
    ).order_by(_text.c.place)
)
