from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

ExportStatus = Literal["queued", "running", "ready", "failed", "expired"]


class Download(BaseModel):
    url: str
    expires_in: int = Field(description="Seconds for which the address works; read the export again for another.")


class ExportRead(BaseModel):
    """`bytes` and `expires_at` are set once it is ready; it is deleted then."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    status: ExportStatus
    bytes: int | None
    created_at: datetime
    expires_at: datetime | None


class ExportDetail(ExportRead):
    """`download` while it is ready."""

    download: Download | None = None


class ExportList(BaseModel):
    items: list[ExportRead]
