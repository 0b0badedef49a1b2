"""Puts the audit log into the gateway: app and settings come in, its jobs, its last deed and its middleware go out."""

from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from fastapi.middleware import Middleware

from api_gateway.app import App
from api_gateway.audit.inbound.consumers import AuditConsumer
from api_gateway.audit.inbound.timers import AuditTimers
from api_gateway.audit.inbound.watching import AuditMiddleware
from common.settings import KafkaSettings
from common.web.app import Background
from common.web.middleware import CompressionMiddleware


class AuditParts:
    """What runs for the audit log in one gateway."""

    def __init__(self, app: App, kafka: KafkaSettings) -> None:
        self._timers = AuditTimers(app)
        consumer = AuditConsumer(kafka, app)
        self.jobs: tuple[Background, ...] = (
            consumer.run,
            consumer.watch_lag,
            self._timers.write,
            self._timers.forget,
        )

    def write_the_rest(self) -> AbstractAsyncContextManager[None]:
        """A part of the gateway's life that ends before the database does."""
        return self._timers.write_the_rest()

    def put_around(self, web: FastAPI) -> None:
        """Inside of the compression, so that the log can read why something was refused."""
        order: list[object] = [each.cls for each in web.user_middleware]
        inside = order.index(CompressionMiddleware) + 1
        web.user_middleware.insert(inside, Middleware(AuditMiddleware))
