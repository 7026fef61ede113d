"""The revisions make exactly what the models describe."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from common import models
from common.database_url import parse
from common.models.base import Base
from common.settings import ConfigurationError
from migrations.migrate import migrate
from tests.conftest import copy_database

SCHEMAS = {"auth", "money", "posts", "analytics"}


def test_the_database_has_what_the_models_say(database: str) -> None:
    for module in iter_modules(models.__path__, "common.models."):
        import_module(module.name)

    def ours(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "schema" or name in SCHEMAS

    engine = create_engine(parse(database))
    with engine.connect() as connection:
        connection.execute(text("SET ROLE artel_owner"))
        options = {"include_schemas": True, "include_name": ours, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing(worker_id: str) -> None:
    url = parse(copy_database(f"artel_again_{worker_id}"))
    migrate(url)
    migrate(url)


def test_a_postgresql_that_is_too_old_is_named(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrations.migrate.OLDEST", (99,))
    with pytest.raises(ConfigurationError, match="PostgreSQL 99 or newer; this one is 18"):
        migrate(parse(database))
