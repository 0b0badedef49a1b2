"""Takes a run directory, ports and keys; gives SeaweedFS as an S3 server, and says when it can store an object."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from stack.layout import RunDir, write_private
from stack.process.programs import Program


@dataclass(frozen=True)
class ObjectStorage:
    run: RunDir
    ports: dict[str, int]
    access_key: str
    secret_key: str

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3']}"

    def prepare(self) -> Program:
        data = self.run.data / "s3"
        data.mkdir(exist_ok=True)
        sockets = self.run.supervisor_socket.parent
        keys = self.run.config / "s3.json"
        write_private(keys, s3_identities(self.access_key, self.secret_key))
        port_options = {
            f"{server}.port{'.grpc' if grpc else ''}": str(port)
            for name, port in self.ports.items()
            for server, _, grpc in [name.partition(".")]
        }
        options = port_options | {
            "dir": str(data),
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "s3.config": str(keys),
            "s3.port.iceberg": "0",
            "s3.port.lance": "0",
            "s3.localSocket": str(sockets / "s3.sock"),
            "filer.localSocket": str(sockets / "filer.sock"),
            "master.electionTimeout": "500ms",
            "master.telemetry": "false",
            # The stack may come back on other ports: the master must not look for its old self.
            "master.resumeState": "false",
            "volume.preStopSeconds": "0",
            "webdav": "false",
            "admin.ui": "false",
        }
        weed = Path(sys.executable).parent / "weed"
        return Program(
            name="s3",
            kind="part",
            command=[str(weed), "-logtostderr=true", "mini", *(f"-{name}={value}" for name, value in options.items())],
            stop_seconds=20,
            ports=tuple((f"S3 {name}" if name != "s3" else "S3", port) for name, port in self.ports.items()),
        )

    async def ask(self) -> str | None:
        """None when the S3 door is open and a volume server has joined: only then can an object be stored."""
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
                status = await client.get(f"http://127.0.0.1:{self.ports['master']}/dir/status")
                await client.get(f"{self.endpoint}/")
        except httpx.HTTPError as err:
            return str(err) or type(err).__name__
        centers = status.json().get("Topology", {}).get("DataCenters") or []
        joined = any(rack.get("DataNodes") for center in centers for rack in center.get("Racks") or [])
        return None if joined else "no volume server has joined the master"


def s3_identities(access_key: str, secret_key: str) -> str:
    """SeaweedFS's list of who may do what: our one account, and nobody without a signature."""
    credentials = [{"accessKey": access_key, "secretKey": secret_key}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    return json.dumps({"identities": [{"name": "jira-export", "credentials": credentials, "actions": actions}]})
