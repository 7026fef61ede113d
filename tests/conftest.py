"""A real PostgreSQL for every test: one cluster a run, one database a worker, copied from a migrated template.

Nothing is rolled back between tests: each makes people of its own, and nobody sees another person's things.
"""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from httpx import ASGITransport, AsyncClient
from psycopg import sql
from sqlalchemy.engine import make_url

from common import storage
from common.database_url import parse
from common.db import dispose_engines
from common.settings import settings
from server import emulator, postgres
from tests.people import People, Person

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed

UPLOADS_BUCKET, ACCOUNTS_BUCKET = "artel-uploads", "artel-accounts"
CHECKOUT = Path(__file__).parent.parent
_SOCKETS = "ARTEL_TEST_SOCKETS"
_running: list[tuple[postgres.Postgres, tempfile.TemporaryDirectory[str]]] = []


def pytest_configure(config: pytest.Config) -> None:
    """In the one process that starts the workers; they inherit its environment."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    folder = tempfile.TemporaryDirectory(prefix="artel-test-", dir="/tmp", ignore_cleanup_errors=True)
    root = Path(folder.name)
    root.chmod(0o755)
    records = root / "run"
    records.mkdir()
    server = postgres.start(root / "postgres", records, CHECKOUT)
    _running.append((server, folder))
    os.environ[_SOCKETS] = str(server.sockets)
    with _superuser() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    from migrations.migrate import migrate

    migrate(parse(server.url))


def pytest_unconfigure() -> None:
    for server, folder in _running:
        server.stop()
        folder.cleanup()
    _running.clear()


def _superuser() -> psycopg.Connection:
    return psycopg.connect(user="postgres", dbname="postgres", host=os.environ[_SOCKETS], autocommit=True)


def database_url(name: str) -> str:
    return f"postgresql://{postgres.OWNER}@/{name}?host={os.environ[_SOCKETS]}"


def copy_database(name: str, template: str = postgres.DATABASE) -> str:
    """The URL of a new database like the template; one of that name is dropped first."""
    with _superuser() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY")
        connection.execute(statement.format(*(sql.Identifier(part) for part in (name, postgres.OWNER, template))))
        # A copy does not take the database's own grants along.
        roles = sql.SQL(", ").join(sql.Identifier(f"artel_{g}") for g in ("auth", "money", "posts", "analytics"))
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), roles))
    return database_url(name)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def database(worker_id: str) -> str:
    """The URL, as the owner, of this worker's own migrated database."""
    return copy_database(f"artel_{worker_id}")


@pytest.fixture(scope="session", autouse=True)
def environment(database: str) -> Iterator[None]:
    """What the services read, set before any of them is used."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AUTH_DATABASE_URL", "JWT_ISSUER", "SIGNING_KMS_KEY_ID", "GROUPS"):
            patch.delenv(name, raising=False)
        patch.setenv("DATABASE_URL", database)
        patch.setenv("ENVIRONMENT", "local")
        patch.setenv("PUBLIC_URL", "http://localhost:8000")
        patch.setenv("LOG_LEVEL", "WARNING")
        # Tests change rows behind the application's back; those of the cache turn it on.
        patch.setenv("POSTS_CACHE_S", "0")
        # All tests come from one address; those of the limits come from others.
        patch.setenv(
            "RATE_LIMITS", "register=100000/3600,forgot=100000/3600,resend=100000/3600,login-address=100000/900"
        )
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(scope="session")
def store(environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of an S3 of this worker's own, with empty buckets."""
    folder = tmp_path_factory.mktemp("aws")
    with pytest.MonkeyPatch.context() as patch:
        aws = emulator.Emulator(folder, folder)
        aws.launch()
        try:
            aws.wait()
            buckets = {"UPLOADS_BUCKET": UPLOADS_BUCKET, "ACCOUNTS_BUCKET": ACCOUNTS_BUCKET}
            for name, value in (emulator.client_environment(aws.url) | buckets).items():
                patch.setenv(name, value)
            settings.cache_clear()
            for bucket in buckets.values():
                storage.client().create_bucket(Bucket=bucket)
            yield aws.url
        finally:
            aws.stop()
            settings.cache_clear()


@pytest.fixture(scope="session")
def deployed(environment: None) -> "Iterator[Deployed]":
    """Its tests are of the xdist group `deployed`, so that one deployment serves all."""
    from tests.e2e.deployed import deployed_stack  # and with it what deploys

    with deployed_stack() as made:
        yield made


@pytest.fixture(scope="session")
async def loop_of_the_run(anyio_backend: str, environment: None) -> AsyncIterator[None]:
    """Keeps one event loop for all tests, as a running service has: the pools are bound to it."""
    yield
    await dispose_engines()


@pytest.fixture(scope="session")
async def client(loop_of_the_run: None) -> AsyncIterator[AsyncClient]:
    """The server with all groups, called in process."""
    from server.app import create_app

    transport = ASGITransport(create_app(), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://localhost:8000") as made:
        # It is everybody's: a cookie that one test is given must not travel with the next one's requests.
        made.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield made


@pytest.fixture
def people(client: AsyncClient) -> People:
    return People(client)


@pytest.fixture
async def ada(people: People) -> Person:
    return await people.person("Ada")


@pytest.fixture
async def bob(people: People) -> Person:
    return await people.person("Bob")


@pytest.fixture
def owner_connection(database: str) -> Iterator[psycopg.Connection]:
    """Raw SQL as the owner of the database."""
    url = make_url(database)
    with psycopg.connect(user=url.username, dbname=url.database, host=str(url.query["host"]), autocommit=True) as made:
        yield made
