"""One tenant's rows of the mirror: a connection, a project with an old key, an issue, a restricted issue, an export."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

import asyncpg

from common.clock import utc_now
from common.ids import ConnectionId, TenantId, new_id, parse_id, public_id
from common.issues.access import Access, ConnectionAccess
from common.issues.connected import LiveConnection


@dataclass
class Mirror:
    database: asyncpg.Connection
    tenant: str
    connection: str
    issue: str
    restricted_issue: str
    export: str
    key: str = "DEMO"
    old_key: str = "OLD"
    project_id: int = 10000

    @classmethod
    async def make(cls, database: asyncpg.Connection) -> Self:
        names = {"tenant": "ten", "connection": "con", "issue": "iss", "restricted_issue": "iss", "export": "exp"}
        made = cls(database, **{name: public_id(prefix, new_id()) for name, prefix in names.items()})
        tenant, connection = parse_id("ten", made.tenant), parse_id("con", made.connection)
        now = utc_now()
        await database.execute(
            "INSERT INTO jira.connections (tenant_id, connection_id, name, base_url, deployment, site, auth_method,"
            " account, phase, created_at, updated_at) VALUES ($1,$2,'n','https://jira.example.com','cloud','s','basic',"
            " 'a@example.com','live',$3,$3)",
            tenant,
            connection,
            now,
        )
        await database.execute(
            "INSERT INTO jira.projects (tenant_id, connection_id, project_id, key, name) VALUES ($1,$2,$3,$4,'Demo')",
            tenant,
            connection,
            made.project_id,
            made.key,
        )
        for key in (made.key, made.old_key):
            await database.execute(
                "INSERT INTO jira.project_keys VALUES ($1,$2,$3,$4)", tenant, connection, key, made.project_id
            )
        for number, (issue, level) in enumerate([(made.issue, None), (made.restricted_issue, "10001")], 1):
            await made._add_issue(tenant, connection, parse_id("iss", issue), number, level)
        await made.grant("project", "*")
        await made.add_export(made.export, made.seen.prints()[0])
        return made

    @property
    def seen(self) -> Access:
        """What every member sees, as long as nothing else is granted."""
        live = LiveConnection(ConnectionId(parse_id("con", self.connection)), "https://jira.example.com", None, None)
        return Access(TenantId(parse_id("ten", self.tenant)), (ConnectionAccess(live, whole=True),))

    async def grant(self, kind: str, value: str, role: str = "member") -> None:
        await self.database.execute(
            "INSERT INTO jira.grants VALUES ($1,$2,$3,'role',$4,$5,$6,now())",
            *(parse_id("ten", self.tenant), parse_id("con", self.connection), new_id(), role, kind, value),
        )

    async def withdraw(self, kind: str) -> None:
        await self.database.execute("DELETE FROM jira.grants WHERE kind = $1", kind)

    async def _add_issue(self, tenant: UUID, connection: UUID, issue: UUID, number: int, level: str | None) -> None:
        await self.database.execute(
            "INSERT INTO jira.issues (tenant_id, connection_id, jira_id, issue_id, key, number, project_id,"
            " project_key, summary, created, updated, security_level_id, revision, content_hash, card, detail,"
            " synced_at)"
            " VALUES ($1,$2,$3,$4,$5,$3,$6,$7,'s',now(),now(),$8,1,'','{}','{}',now())",
            tenant,
            connection,
            number,
            issue,
            f"{self.key}-{number}",
            self.project_id,
            self.key,
            level,
        )

    async def add_export(self, export: str, access: str) -> None:
        await self.database.execute(
            "INSERT INTO exports.jobs (tenant_id, export_id, kind, requested_by, access, source, format, locale, paper,"
            " status, total, created_at, file_name)"
            " VALUES ($1,$2,'set',$1,$3,'{}','pdf','en','a4','queued',1,now(),'f')",
            parse_id("ten", self.tenant),
            parse_id("exp", export),
            access,
        )

    async def rename_project(self, key: str) -> None:
        await self.database.execute("UPDATE jira.projects SET key = $1", key)
        await self.database.execute(
            "INSERT INTO jira.project_keys VALUES ($1,$2,$3,$4)",
            parse_id("ten", self.tenant),
            parse_id("con", self.connection),
            key,
            self.project_id,
        )
        self.key = key

    @property
    def project(self) -> str:
        return f"project:{self.connection}:{self.key}"
