"""Small pages without JavaScript: title, sentences and a form in, HTML that loads nothing from anywhere out."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from fastapi import Response

_STYLE = """
body{font:1rem/1.5 system-ui,sans-serif;margin:0;color:#172b4d;background:#f4f5f7}
main{max-width:26rem;margin:10vh auto;padding:2rem;background:#fff;border-radius:.5rem;box-shadow:0 1px 4px #091e4240}
h1{font-size:1.4rem;margin:0 0 1rem}
label{display:block;margin:1rem 0 .25rem;font-weight:600}
input{box-sizing:border-box;width:100%;padding:.6rem;font:inherit;border:2px solid #8590a2;border-radius:.25rem}
input[type=hidden]{display:none}
input:focus{outline:3px solid #388bff;border-color:#0c66e4}
button{margin-top:1.5rem;padding:.6rem 1.2rem;font:inherit;font-weight:600;color:#fff;background:#0c66e4;border:0;
border-radius:.25rem;cursor:pointer}
.wrong{padding:.6rem;background:#ffeceb;border-left:4px solid #c9372c}
small{color:#44546f}
@media(prefers-color-scheme:dark){body{color:#dee4ea;background:#161a1d}main{background:#22272b}
input{color:inherit;background:#161a1d}.wrong{background:#5d1f1a}small{color:#9fadbc}}
"""
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    name: str
    label: str
    kind: str = "text"  # text | password | hidden
    value: str = ""
    hint: str = ""
    autocomplete: str = "off"


@dataclass(frozen=True, slots=True)
class Form:
    """Goes to the page's own address; the token travels in it and no longer in the address."""

    fields: Sequence[Field]
    button: str


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on it, in the language of the reader."""

    language: str
    title: str
    sentences: Sequence[str] = ()
    wrong: str | None = None
    form: Form | None = None


def answer(page: Page, path: str, status: int = 200) -> Response:
    parts = [f"<h1>{escape(page.title)}</h1>"]
    if page.wrong is not None:
        parts.append(f'<p class="wrong" role="alert">{escape(page.wrong)}</p>')
    parts += [f"<p>{escape(sentence)}</p>" for sentence in page.sentences]
    if page.form is not None:
        fields = "".join(_field(field) for field in page.form.fields)
        button = f"<button>{escape(page.form.button)}</button>"
        parts.append(f'<form method="post" action="{escape(path)}">{fields}{button}</form>')
    body = (
        f'<!doctype html><html lang="{page.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(page.title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>"
    )
    headers = {**_HEADERS, "Content-Language": page.language, "Vary": "Accept-Language"}
    return Response(body, status, headers=headers, media_type="text/html; charset=utf-8")


def _field(field: Field) -> str:
    value = f' value="{escape(field.value)}"' if field.value else ""
    if field.kind == "hidden":
        return f'<input type="hidden" name="{escape(field.name)}"{value}>'
    limits = ' minlength="12" maxlength="128"' if field.autocomplete == "new-password" else ' maxlength="200"'
    hint = f"<small>{escape(field.hint)}</small>" if field.hint else ""
    required = " required" if field.kind == "password" else ""
    name = escape(field.name)
    return (
        f'<label for="{name}">{escape(field.label)}</label>'
        f'<input id="{name}" name="{name}" type="{field.kind}" autocomplete="{field.autocomplete}"'
        f"{limits}{required}{value}>{hint}"
    )
