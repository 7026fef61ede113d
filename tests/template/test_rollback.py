"""CloudFormation that rolls a deployment back calls the old migration code again, on the newer schema."""

from sqlalchemy import create_engine, text

from common.database_url import parse
from migrations.migrate import migrate
from tests.conftest import copy_database


def test_code_older_than_the_schema_leaves_it_alone() -> None:
    url = parse(copy_database("artel_rollback"))
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE artel_owner"))
        connection.execute(text("UPDATE artel.alembic_version SET version_num = '9999'"))
    migrate(url)
    with engine.connect() as connection:
        connection.execute(text("SET ROLE artel_owner"))
        assert connection.scalar(text("SELECT version_num FROM artel.alembic_version")) == "9999"
    engine.dispose()
