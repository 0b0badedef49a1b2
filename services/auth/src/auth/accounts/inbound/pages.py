"""Built-in pages for the links of mails and the end of a sign-in: they work without JavaScript and without a front end.

Opening a link uses nothing up: mail programs do that by themselves. Only sending the form does.
"""

import re
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import FormData

from auth.accounts.inbound.page_texts import texts
from auth.accounts.inbound.page_views import Field, Form, Page, answer
from auth.accounts.usecases.accept_invitation import Acceptance, Offer, accept_invitation, find_offer
from auth.accounts.usecases.reset_password import check_reset, reset_password
from auth.domain.errors import WeakPassword
from auth.inbound.dependencies import AppDep, OriginDep
from common.contracts.http.auth import MAX_PASSWORD, MAX_TOKEN
from common.contracts.http.request_model import refuse_unstorable
from common.errors import AppError, InvalidRequest, sentence_for
from common.web.problems import HTTP_STATUS, language_of

router = APIRouter(tags=["pages"], default_response_class=Response)

TokenQuery = Annotated[str, Query(max_length=MAX_TOKEN)]
_CODE = re.compile(r"[a-z_]{1,40}(?:\.[a-z_]{1,60})?")
_MOST_BODY = 8_192


@router.get("/invitation", summary="The page of an invitation")
async def get_invitation(request: Request, app: AppDep, token: TokenQuery = "") -> Response:
    language = _language(request)
    try:
        return answer(_invitation(await find_offer(app, token), token, language), "/invitation")
    except AppError as error:
        return _cannot(error, language, "/invitation")


@router.post("/invitation", summary="Accept an invitation by its page")
async def post_invitation(request: Request, app: AppDep, origin: OriginDep) -> Response:
    language, words = _language(request), texts(_language(request))
    try:
        form = await _form(request)
        token = form["token"]
        offer = await find_offer(app, token)
    except AppError as error:
        return _cannot(error, language, "/invitation")
    try:
        acceptance = Acceptance(form["name"].strip() or None, form["password"] or None, signed_in=None)
        joined = await accept_invitation(app, token, acceptance, origin)
    except AppError as error:
        page = replace(_invitation(offer, token, language), wrong=_told(error, language))
        return answer(page, "/invitation", HTTP_STATUS[error.kind])
    title = words["joined"].format(tenant=joined.tenant.name)
    return answer(Page(language, title, [words["sign_in_now"]]), "/invitation")


@router.get("/reset", summary="The page of a new password")
async def get_reset(request: Request, app: AppDep, token: TokenQuery = "") -> Response:
    language = _language(request)
    try:
        await check_reset(app, token)
    except AppError as error:
        return _cannot(error, language, "/reset")
    return answer(_reset(token, language), "/reset")


@router.post("/reset", summary="Set a new password by its page")
async def post_reset(request: Request, app: AppDep) -> Response:
    language, words = _language(request), texts(_language(request))
    try:
        form = await _form(request)
        await reset_password(app, form["token"], form["password"])
    except WeakPassword as error:
        page = replace(_reset(form["token"], language), wrong=_told(error, language))
        return answer(page, "/reset", HTTP_STATUS[error.kind])
    except AppError as error:
        return _cannot(error, language, "/reset")
    return answer(Page(language, words["reset_done"], [words["sign_in_now"]]), "/reset")


@router.get("/signed-in", summary="The end of a sign-in by another provider")
async def get_signed_in(request: Request, error: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Says only sentences of our own: what stands in the address is looked up and never shown."""
    language, words = _language(request), texts(_language(request))
    if not error:
        return answer(Page(language, words["signed_in"], [words["close"]]), "/signed-in")
    code = error if _CODE.fullmatch(error) else "request.invalid"
    told = sentence_for(code, "", language) if language == "ru" else ""
    return answer(Page(language, words["not_signed_in"], [told] if told else [], wrong=code), "/signed-in", 400)


async def _form(request: Request) -> dict[str, str]:
    """Fields of a page's own form; any other body is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded" or len(await request.body()) > _MOST_BODY:
        raise InvalidRequest
    sent: FormData = await request.form(max_fields=10)
    found = {
        name: value if isinstance(value := sent.get(name, ""), str) else "" for name in ("token", "name", "password")
    }
    try:
        refuse_unstorable(found)
    except ValueError:
        raise InvalidRequest from None
    if len(found["token"]) > MAX_TOKEN or len(found["password"]) > MAX_PASSWORD or len(found["name"]) > 200:
        raise InvalidRequest
    return found


def _invitation(offer: Offer, token: str, language: str) -> Page:
    words, email = texts(language), offer.invitation.email
    fields = [Field("token", "", "hidden", token)]
    if offer.account is None:
        fields.append(Field("name", words["name"], autocomplete="name"))
    if offer.asks_new_password:
        hint = words["password_hint"]
        fields.append(Field("password", words["new_password"], "password", hint=hint, autocomplete="new-password"))
    else:
        fields.append(Field("password", words["password"], "password", autocomplete="current-password"))
    sentence = words["invited_new" if offer.asks_new_password else "invited_known"].format(email=email)
    title = words["invitation"].format(tenant=offer.tenant.name)
    return Page(language, title, [sentence], form=Form(fields, words["join"]))


def _reset(token: str, language: str) -> Page:
    words = texts(language)
    fields = [
        Field("token", "", "hidden", token),
        Field(
            "password",
            words["new_password"],
            "password",
            hint=words["password_hint"],
            autocomplete="new-password",
        ),
    ]
    return Page(language, words["reset"], [words["reset_asks"]], form=Form(fields, words["set"]))


def _cannot(error: AppError, language: str, path: str) -> Response:
    page = Page(language, texts(language)["cannot"], wrong=_told(error, language))
    return answer(page, path, HTTP_STATUS[error.kind])


def _told(error: AppError, language: str) -> str:
    if isinstance(error, WeakPassword):
        return texts(language)["weak_password"]
    return sentence_for(error.code, error.title(), language)


def _language(request: Request) -> str:
    return language_of(request.headers.get("accept-language"))
