"""Where the parts are, whoever runs them: our own local ones, or those that the environment names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit, urlunsplit

from stack.errors import StackError
from stack.parts import PartsEnv

DATABASE = "jira_export"
BUCKET = "jira-export"
# Settings of the services that an outside part may need: TLS, SASL, a cluster, another public address.
_PASSED_ON = ("POSTGRES__", "KAFKA__", "REDIS__", "S3__")
_NEEDED = ("DATABASE_URL", "KAFKA_BOOTSTRAP", "REDIS_URL", "S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY")


@dataclass(frozen=True)
class Endpoints:
    admin_dsn: str
    kafka_bootstrap: str
    redis_url: str
    s3_endpoint: str
    s3_access_key: str
    s3_secret_key: str
    s3_region: str = "us-east-1"
    s3_bucket: str = BUCKET
    more: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_parts(cls, parts: PartsEnv) -> "Endpoints":
        return cls(
            admin_dsn=parts.postgres_dsn,
            kafka_bootstrap=parts.kafka_bootstrap,
            redis_url=parts.redis_url,
            s3_endpoint=parts.s3_endpoint,
            s3_access_key=parts.s3_access_key,
            s3_secret_key=parts.s3_secret_key,
            s3_region=parts.s3_region,
        )

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> "Endpoints":
        missing = [name for name in _NEEDED if not environment.get(name)]
        if missing:
            message = f"STACK=external takes the parts from the environment, and it lacks {', '.join(missing)}"
            raise StackError(message)
        return cls(
            admin_dsn=environment["DATABASE_URL"],
            kafka_bootstrap=environment["KAFKA_BOOTSTRAP"],
            redis_url=environment["REDIS_URL"],
            s3_endpoint=environment["S3_ENDPOINT"],
            s3_access_key=environment["S3_ACCESS_KEY"],
            s3_secret_key=environment["S3_SECRET_KEY"],
            s3_region=environment.get("S3_REGION", "us-east-1"),
            s3_bucket=environment.get("S3_BUCKET", BUCKET),
            more={name: value for name, value in environment.items() if name.startswith(_PASSED_ON)},
        )

    @property
    def database_url(self) -> str:
        """The superuser's address of our own database."""
        return urlunsplit(urlsplit(self.admin_dsn)._replace(path=f"/{DATABASE}"))

    def dsn_of(self, role: str, password: str) -> str:
        parts = urlsplit(self.admin_dsn)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{host}", path=f"/{DATABASE}"))
