"""Which URL a group connects with: each has a PostgreSQL role of its own, `artel_<group>`."""

import hashlib
import hmac

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from common.settings import ConfigurationError, Group, Settings

DRIVER = "postgresql+psycopg"


def role(group: Group) -> str:
    return f"artel_{group}"


def derived_password(owner_password: str, role_name: str) -> str:
    """A role's password where only the owner's is known, so that one DATABASE_URL is enough to start on servers.

    The migration sets the same one. HMAC keeps the owner's password out of reach of who learns a role's.
    """
    return hmac.new(owner_password.encode(), f"artel role {role_name}".encode(), hashlib.sha256).hexdigest()


def parse(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError:
        raise ConfigurationError("DATABASE_URL is not a URL: postgresql://user:password@host:5432/database") from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigurationError(f"DATABASE_URL names {url.get_backend_name()}; Artel needs postgresql://…")
    # Said, because a database made without an encoding would have psycopg give bytes for text.
    return url.set(drivername=DRIVER).update_query_dict({"client_encoding": "utf8"})


def owner_url(settings: Settings) -> URL:
    if settings.database_url is None:
        raise ConfigurationError("DATABASE_URL is not set: postgresql://user:password@host:5432/database")
    return parse(settings.database_url.get_secret_value())


def group_url(settings: Settings, group: Group) -> URL:
    """The group's own URL if given, else DATABASE_URL with the group's role in place of the owner."""
    given = settings.group_database_url(group)
    if given is not None:
        return parse(given.get_secret_value())
    return _as_role(owner_url(settings), group)


def replica_url(settings: Settings, group: Group) -> URL | None:
    """DATABASE_REPLICA_URL with the group's role and password: a replica has the primary's."""
    if settings.database_replica_url is None:
        return None
    url = parse(settings.database_replica_url.get_secret_value())
    given = settings.group_database_url(group)
    if given is None:
        return _as_role(url, group)
    own = parse(given.get_secret_value())
    return url.set(username=own.username, password=own.password)


def _as_role(url: URL, group: Group) -> URL:
    if url.username == role(group):
        return url
    if url.password is None:
        return url.set(username=role(group))
    return url.set(username=role(group), password=derived_password(url.password, role(group)))
