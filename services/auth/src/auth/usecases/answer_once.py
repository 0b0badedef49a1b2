"""A write and its Idempotency-Key in, its answer out: made once, and given again for the same key."""

from collections.abc import Awaitable, Callable

from common.db.idempotency import IdempotentRequest, KeptAnswer, find_kept_answer, keep_answer
from common.db.unit_of_work import Tx
from common.errors import Unavailable
from common.ids import TenantId

from auth.app import App
from auth.store.tables import idempotency

Write = Callable[[Tx], Awaitable[KeptAnswer]]


class _SomebodyWasQuicker(Exception):
    pass


async def answer_once(app: App, tenant: TenantId, request: IdempotentRequest | None, write: Write) -> KeptAnswer:
    """The answer is kept in the write's own transaction; of two at once the second finds the first one's."""
    for _ in range(2):
        try:
            async with app.db.uow(tenant) as tx:
                return await _answer(tx, app, request, write)
        except _SomebodyWasQuicker:
            continue
    raise Unavailable


async def _answer(tx: Tx, app: App, request: IdempotentRequest | None, write: Write) -> KeptAnswer:
    kept = await find_kept_answer(tx, idempotency, request, app.clock())
    if kept is not None:
        return kept
    answer = await write(tx)
    if not await keep_answer(tx, idempotency, request, answer):
        raise _SomebodyWasQuicker
    return answer
