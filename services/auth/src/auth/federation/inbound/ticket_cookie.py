"""The short-lived cookie that binds a sign-in to the browser that began it."""

from datetime import timedelta

from fastapi import Request, Response

from common.web.credentials import SIGN_IN_COOKIE


def read_ticket_cookie(request: Request) -> str | None:
    return request.cookies.get(SIGN_IN_COOKIE)


def set_ticket_cookie(response: Response, value: str, life: timedelta) -> None:
    """Lax: the answer comes by a link from another site, and by nothing but a link."""
    response.set_cookie(
        SIGN_IN_COOKIE, value, max_age=int(life.total_seconds()), path="/", secure=True, httponly=True, samesite="lax"
    )


def drop_ticket_cookie(response: Response) -> None:
    response.delete_cookie(SIGN_IN_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
