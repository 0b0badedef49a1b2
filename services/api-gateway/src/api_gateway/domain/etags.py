"""ETags of answers: bytes come in, a tag goes out; a client's tags come in, whether it has the answer goes out."""

import hashlib


def etag_of(body: bytes) -> str:
    """A weak tag: the same content may go out in several encodings."""
    return f'W/"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'


def is_unchanged(if_none_match: str | None, etag: str) -> bool:
    """Whether the client already has it; weak comparison, as RFC 9110 asks for reads."""
    if if_none_match is None:
        return False
    known = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in known or etag.removeprefix("W/") in known
