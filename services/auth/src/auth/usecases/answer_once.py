"""A write and its Idempotency-Key in, its answer out: made once, and given again for the same key."""

from collections.abc import Awaitable, Callable

from auth.app import App
from auth.store.idempotency import lock_key
from auth.store.tables import idempotency
from common.db.idempotency import IdempotentRequest, KeptAnswer, find_kept_answer, keep_answer
from common.db.unit_of_work import Tx
from common.ids import TenantId

Write = Callable[[Tx], Awaitable[KeptAnswer]]


async def answer_once(app: App, tenant: TenantId, request: IdempotentRequest | None, write: Write) -> KeptAnswer:
    """The answer is kept in the write's own transaction; of two at once the second waits for the first one's."""
    async with app.db.uow(tenant) as tx:
        if request is not None:
            await lock_key(tx, request)
        kept = await find_kept_answer(tx, idempotency, request, app.clock())
        if kept is not None:
            return kept
        answer = await write(tx)
        await keep_answer(tx, idempotency, request, answer)
        return answer
