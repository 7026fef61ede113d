"""Brings a database to the newest revision: `python -m migrations.migrate`, and a custom resource on deploy.

Needs the URL of a role that may create roles (DATABASE_URL). Safe to run again and from several places at once.
"""

import os
import sys
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import URL, Connection, NullPool, create_engine, text

from common.custom_resource import custom_resource
from common.database_url import derived_password, owner_url, role
from common.secrets import read_secret
from common.settings import GROUPS, ConfigurationError, Settings, settings

HERE = Path(__file__).parent
OLDEST = (18,)
_LOCK = 0x4172_7465_6C  # "Artel": one migration at a time


def _passwords(url: URL) -> dict[str, str]:
    """Role → password: from the secrets that AUTH_SECRET_ARN … name, else derived from the owner's; none under trust."""
    arns = {role(group): os.environ.get(f"{group.upper()}_SECRET_ARN") for group in GROUPS}
    given = {name: read_secret(arn)["password"] for name, arn in arns.items() if arn}
    derived = {name: derived_password(url.password, name) for name in arns if url.password}
    return {**derived, **given}


def _set_password(connection: Connection, name: str, password: str) -> None:
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
    connection.exec_driver_sql(statement.as_string().replace("%", "%%"))


def _knows(connection: Connection, config: Config) -> bool:
    """False when newer code has been here: a deployment that failed later asks the old code again, to let it be."""
    options = {"version_table": "alembic_version", "version_table_schema": "artel"}
    at = MigrationContext.configure(connection, opts=options).get_current_heads()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    return known.issuperset(at)


def _check_version(connection: Connection) -> None:
    """Ids come from uuidv7(), which PostgreSQL has since 18."""
    version = connection.dialect.server_version_info or (0,)
    if version < OLDEST:
        raise ConfigurationError(f"Artel needs PostgreSQL {OLDEST[0]} or newer; this one is {version[0]}.")


def migrate(url: URL, revision: str = "head") -> None:
    """Upgrade to `revision` as `artel_owner`, then set the role passwords. All of it or nothing."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        _check_version(connection)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.exec_driver_sql((HERE / "bootstrap.sql").read_text().replace("%", "%%"))
        connection.execute(text("SET LOCAL ROLE artel_owner"))
        config = Config(HERE / "alembic.ini")
        config.attributes["connection"] = connection
        if _knows(connection, config):
            command.upgrade(config, revision)
        connection.execute(text("RESET ROLE"))
        for name, password in _passwords(url).items():
            _set_password(connection, name, password)


def _owner(options: Settings) -> URL:
    url = owner_url(options)
    if options.database_secret_arn is None:
        return url
    secret = read_secret(options.database_secret_arn)
    return url.set(username=secret["username"], password=secret["password"])


@custom_resource
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A CloudFormation custom resource; deleting the stack keeps the data."""
    if event.get("RequestType") != "Delete":
        migrate(_owner(settings()))
    return {"PhysicalResourceId": "artel-schema"}


def main() -> int:
    try:
        migrate(_owner(settings()))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return os.EX_CONFIG
    return 0


if __name__ == "__main__":
    sys.exit(main())
