"""Schema `auth`: people, their sessions, and the public halves of the keys that sign tokens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base


class User(Base):
    """`email` is written as it was given, `email_key` as it is compared."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("locale IN ('en', 'ru')", name="locale"),
        CheckConstraint("char_length(display_name) BETWEEN 1 AND 80", name="display_name"),
        {"schema": "auth"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text, unique=True)
    email_verified_at: Mapped[datetime | None]
    display_name: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{user}'"))
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Session(Base):
    """One sign-in. A refresh token is this row's id and counter under an HMAC with `refresh_key`: nothing else is stored."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index(None, "user_id", postgresql_where=text("revoked_at IS NULL")),
        {"schema": "auth"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    user_id: Mapped[UUID] = mapped_column(ForeignKey("auth.users.id"))
    refresh_key: Mapped[bytes] = mapped_column(LargeBinary)
    refresh_counter: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    rotated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    scope: Mapped[str] = mapped_column(Text)
    user_agent: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SigningKey(Base):
    """A published key. `jwk` is public (RFC 7517); a token of a key that is retired is refused."""

    __tablename__ = "signing_keys"
    __table_args__ = ({"schema": "auth"},)

    kid: Mapped[str] = mapped_column(Text, primary_key=True)
    jwk: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    retired_at: Mapped[datetime | None]
