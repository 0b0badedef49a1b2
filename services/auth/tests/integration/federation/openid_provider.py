"""The certified `oidc-provider` of the npm registry as a process, and a person with a browser in front of it."""

import asyncio
import json
import re
import subprocess
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from filelock import FileLock

FOLDER = Path(__file__).parent / "oidc_provider_js"
ROOT = Path(__file__).resolve().parents[5]
CALLBACK = "http://auth.test/api/v1/auth/oidc/callback"

PEOPLE = {
    "ann": {"email": "Ann@Example.com", "email_verified": True, "name": "Ann Example", "groups": ["staff"]},
    "bob": {"email": "bob@example.com", "email_verified": True, "name": "Bob", "groups": ["staff", "jira-admins"]},
    "eve": {"email": "eve@evil-example.com", "email_verified": True, "name": "Eve", "groups": []},
    "liar": {"email": "owner@example.com", "email_verified": False, "name": "Not the owner", "groups": ["staff"]},
    "boss": {"email": "owner@example.com", "email_verified": True, "name": "The owner", "groups": []},
    "root": {"email": "operator@example.com", "email_verified": True, "name": "The operator", "groups": ["staff"]},
    "guest": {"email": "guest@partner.example", "email_verified": True, "name": "Guest", "groups": ["staff"]},
    "mute": {"name": "No address", "groups": ["staff"]},
}


def install() -> None:
    """The exact versions of the lock file, once."""
    (ROOT / ".run").mkdir(exist_ok=True)
    with FileLock(ROOT / ".run/oidc_provider_js.lock"):
        installed = FOLDER / "node_modules/.package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < (FOLDER / "package-lock.json").stat().st_mtime:
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(command, cwd=FOLDER, check=True, capture_output=True)
            installed.touch()


class OpenIdProvider:
    """`async with OpenIdProvider() as provider:`; its clients are rs256, es256, eddsa and public."""

    issuer: str

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(install)
        options = json.dumps({"port": 0, "callback": CALLBACK, "people": PEOPLE})
        self._process = await asyncio.create_subprocess_exec(
            "node",
            "provider.mjs",
            options,
            cwd=FOLDER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(30):
            while not (line := (await self._process.stdout.readline()).decode().strip()).startswith("http://"):
                assert self._process.returncode is None, "node ended"
        self.issuer = line
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await asyncio.wait_for(self._process.wait(), 10)

    def settings(self, client: str = "rs256", **more: Any) -> dict[str, Any]:
        """As POST /api/v1/identity-providers takes them."""
        secret = {} if client == "public" else {"client_secret": f"secret of {client}: 100% sure & safe/+"}
        return {"kind": "oidc", "name": "Example ID", "issuer": self.issuer, "client_id": client, **secret, **more}

    async def let_in(self, location: str, sub: str) -> str:
        """Signs in and consents on the provider's own pages; the address of our callback with the answer."""
        async with httpx.AsyncClient(trust_env=False) as browser:
            for _ in range(12):
                answer = await browser.get(location)
                if answer.is_redirect:
                    location = urljoin(location, answer.headers["location"])
                    if location.startswith(CALLBACK):
                        return location
                    continue
                assert answer.status_code == 200, answer.text
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
                assert prompt is not None, answer.text
                form = {"prompt": prompt.group(1), "login": sub, "password": "any"}
                posted = await browser.post(location, data=form)
                location = urljoin(location, posted.headers["location"])
        raise AssertionError("the provider never came back")


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
