"""Schema `auth`: people, their sessions and tokens, and the keys that sign."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base


class User(Base):
    """`email` is written as it was given, `email_key` as it is compared. `handle` is what others may name them by.

    Deleted: signed out and hidden, and can be restored. Erased: nothing that says who it was is left, only the id.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("locale IN ('en', 'ru')", name="locale"),
        CheckConstraint("char_length(display_name) BETWEEN 1 AND 80", name="display_name"),
        CheckConstraint("handle ~ '^[a-z][a-z0-9_]{2,29}$'", name="handle"),
        Index(None, "deleted_at", postgresql_where=text("deleted_at IS NOT NULL AND erased_at IS NULL")),
        Index(
            "ix_users_address_hash",
            text("identity.address_hash(email_key)"),
            postgresql_where=text("email_verified_at IS NOT NULL"),
        ),
        {"schema": "auth"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text, unique=True)
    email_verified_at: Mapped[datetime | None]
    display_name: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    password_changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{user}'"))
    full_name: Mapped[str | None] = mapped_column(Text)
    about: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    birth_date: Mapped[date | None]
    country: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(Text)
    time_zone: Mapped[str | None] = mapped_column(Text)
    avatar_id: Mapped[UUID | None] = mapped_column(unique=True)
    disabled_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    handle: Mapped[str | None] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PersonalToken(Base):
    """A long secret for programs, exchanged for short access tokens; only its hash is kept."""

    __tablename__ = "personal_tokens"
    __table_args__ = ({"schema": "auth"},)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    user_id: Mapped[UUID] = mapped_column(ForeignKey("auth.users.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Session(Base):
    """One sign-in. A refresh token is this row's id and counter under an HMAC whose key is derived and stored nowhere.

    `amr`: how the person proved who they are (RFC 8176, space-separated). Of a personal token: no refresh, ten minutes.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index(None, "user_id", postgresql_where=text("revoked_at IS NULL")),
        Index(None, "personal_token_id", postgresql_where=text("personal_token_id IS NOT NULL")),
        Index(None, "expires_at"),
        {"schema": "auth"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    user_id: Mapped[UUID] = mapped_column(ForeignKey("auth.users.id"))
    personal_token_id: Mapped[UUID | None] = mapped_column(ForeignKey("auth.personal_tokens.id", ondelete="CASCADE"))
    refresh_counter: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    rotated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    scope: Mapped[str] = mapped_column(Text)
    amr: Mapped[str] = mapped_column(Text, server_default="pwd")
    user_agent: Mapped[str] = mapped_column(Text, server_default="")
    address: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Device(Base):
    """A browser or app that a person has signed in from before: a flood of wrong passwords does not lock it out."""

    __tablename__ = "devices"
    __table_args__ = (Index(None, "last_seen_at"), {"schema": "auth"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("auth.users.id"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SigningKey(Base):
    """A published key. `jwk` is public (RFC 7517). The newest whose `signs_from` has come signs; past `retires_at` its
    tokens are refused. `source`: kms and sealed are keys that rotation made, in KMS (`reference` is its id) and in this table
    (`private_key`, encrypted); configured is one that the environment names.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (
        CheckConstraint("source IN ('kms', 'sealed', 'configured')", name="source"),
        {"schema": "auth"},
    )

    kid: Mapped[str] = mapped_column(Text, primary_key=True)
    jwk: Mapped[dict[str, Any]] = mapped_column(JSONB)
    source: Mapped[str] = mapped_column(Text, server_default="configured")
    reference: Mapped[str | None] = mapped_column(Text)
    private_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    signs_from: Mapped[datetime] = mapped_column(server_default=func.now())
    retires_at: Mapped[datetime | None]


class Secret(Base):
    """What HMACs and seals are keyed with where no SECRET_KEY is configured."""

    __tablename__ = "secrets"
    __table_args__ = ({"schema": "auth"},)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
