"""Keys derived from one secret: the configured one, or the database's own."""

from collections.abc import Iterator

import pytest
from cryptography.exceptions import InvalidTag

from auth.secret_keys import key_for, seal, unseal
from common.db import transaction
from common.settings import ConfigurationError, settings


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch, loop_of_the_run: None) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


def _set(patch: pytest.MonkeyPatch, value: str) -> None:
    patch.setenv("SECRET_KEY", value)
    settings.cache_clear()


async def test_each_purpose_has_a_key_of_its_own_and_keeps_it(loop_of_the_run: None) -> None:
    async with transaction("auth") as session:
        first, second = await key_for(session, "one"), await key_for(session, "another")
        assert first != second
        assert await key_for(session, "one") == first


async def test_a_configured_secret_takes_the_place_of_the_databases(configured: pytest.MonkeyPatch) -> None:
    async with transaction("auth") as session:
        without = await key_for(session, "one")
        _set(configured, "a" * 32)
        assert await key_for(session, "one") != without


async def test_a_sealed_value_opens_with_the_same_secret_and_purpose_only(configured: pytest.MonkeyPatch) -> None:
    _set(configured, "a" * 32)
    async with transaction("auth") as session:
        sealed = await seal(session, "totp", b"plain")
        assert b"plain" not in sealed
        assert await seal(session, "totp", b"plain") != sealed
        assert await unseal(session, "totp", sealed) == b"plain"
        with pytest.raises(InvalidTag):
            await unseal(session, "another", sealed)
        with pytest.raises(InvalidTag):
            await unseal(session, "totp", sealed[:-1] + bytes([sealed[-1] ^ 1]))
        _set(configured, "b" * 32)
        with pytest.raises(InvalidTag):
            await unseal(session, "totp", sealed)


async def test_a_short_secret_is_refused_by_name(configured: pytest.MonkeyPatch) -> None:
    _set(configured, "short")
    async with transaction("auth") as session:
        with pytest.raises(ConfigurationError, match="SECRET_KEY"):
            await key_for(session, "one")
