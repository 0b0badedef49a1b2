"""The short-lived cookie that binds a sign-in to the browser that began it."""

from datetime import timedelta

from fastapi import Request, Response

NAME = "__Host-je_signin"


def read_ticket_cookie(request: Request) -> str | None:
    return request.cookies.get(NAME)


def set_ticket_cookie(response: Response, value: str, life: timedelta) -> None:
    """Lax: the answer comes by a link from another site, and by nothing but a link."""
    response.set_cookie(
        NAME, value, max_age=int(life.total_seconds()), path="/", secure=True, httponly=True, samesite="lax"
    )


def drop_ticket_cookie(response: Response) -> None:
    response.delete_cookie(NAME, path="/", secure=True, httponly=True, samesite="lax")
