"""Alembic's entry: runs on the connection that migrate.py opened, as the owner of the schemas."""

from importlib import import_module
from pkgutil import iter_modules

from alembic import context

from common import models
from common.models.base import Base

for module in iter_modules(models.__path__, "common.models."):
    import_module(module.name)  # fills the metadata that autogenerate compares with

SCHEMAS = {"auth", "money", "posts", "analytics"}


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name in SCHEMAS


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_schemas=True,
    include_name=_ours,
    version_table="alembic_version",
    version_table_schema="artel",
)
with context.begin_transaction():
    context.run_migrations()
