import subprocess
import sys
from collections.abc import Iterator

import pytest

from common.database_url import derived_password, group_url
from common.settings import ConfigurationError, Settings, settings


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    settings.cache_clear()


def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match="LOG_LEVEL"):
        settings()


def test_a_group_connects_as_its_own_role_with_a_password_that_does_not_reveal_the_owners() -> None:
    options = Settings(database_url="postgresql://boss:secret@db:5432/artel")
    url = group_url(options, "money")
    assert (url.username, url.host, url.database) == ("artel_money", "db", "artel")
    assert url.password == derived_password("secret", "artel_money")
    assert group_url(options, "posts").password != url.password


def test_another_database_than_postgresql_is_refused() -> None:
    options = Settings(database_url="mysql://boss@db/artel")
    with pytest.raises(ConfigurationError, match="postgresql://"):
        group_url(options, "auth")


@pytest.mark.parametrize("group", ["auth", "money", "posts", "analytics"])
def test_a_handler_imports_with_an_empty_environment_and_without_heavy_libraries(group: str) -> None:
    heavy = {"boto3", "pandas", "duckdb", "openpyxl", "python_calamine", "nh3", "markdown_it", "slugify", "passlib"}
    code = f"import sys, {group}.handler; print(sorted({heavy!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], env={}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
