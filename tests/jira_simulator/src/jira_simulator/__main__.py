"""Starts one simulated Jira and says in one line where it is and what it accepts."""

import asyncio
import gc
import sys

import uvicorn
from starlette.types import ASGIApp

from jira_simulator.assembly import make_service
from jira_simulator.http.app import files_app, jira_app
from jira_simulator.options import Options, parse_options


class _Server(uvicorn.Server):
    """Two of these share one loop, so neither may own the process's signal handlers alone."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        # Clients keep connections for minutes; closing them after five seconds would look like a fault.
        settings = uvicorn.Config(
            app,
            host,
            port,
            log_level="warning",
            proxy_headers=False,
            lifespan="off",
            access_log=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=3,
        )
        super().__init__(settings)


def ready_line(options: Options) -> str:
    given = options.credentials
    accepted = f"email={given.email} token={given.token}"
    if options.personality.value == "datacenter":
        accepted = f"user={given.user} password={given.password} pat={given.pat}"
    return f"jira_simulator ready: {options.personality.value} {options.base_url} {accepted}\n"


async def serve(options: Options) -> None:
    service = make_service(options)
    # What was loaded stays for good: without this every full collection walks millions of objects.
    gc.collect()
    gc.freeze()
    jira = _Server(jira_app(service), options.host, options.port)
    files = _Server(files_app(service), options.host, options.media_port)
    tasks = [asyncio.create_task(server.serve()) for server in (jira, files)]
    while not (jira.started and files.started):
        if any(task.done() for task in tasks):
            break
        await asyncio.sleep(0.01)
    else:
        sys.stdout.write(ready_line(options))
        sys.stdout.flush()
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for server in (jira, files):
        server.should_exit = True
    await asyncio.gather(*tasks)
    await service.delivery.close()


def main() -> None:
    asyncio.run(serve(parse_options(sys.argv[1:])))


if __name__ == "__main__":
    main()
