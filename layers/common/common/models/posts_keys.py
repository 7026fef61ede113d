"""Schema `posts`: what was written under an Idempotency-Key."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base


class IdempotencyKey(Base):
    """`subject_id`: the post or comment that was made. `fingerprint`: of what was sent."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "created_at"), {"schema": "posts"})

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    subject_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
