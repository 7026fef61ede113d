from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from auth.schemas.fields import DisplayName, Locale
from common.schemas import Strict


class Me(BaseModel):
    id: UUID
    email: str
    display_name: str
    locale: Locale
    roles: list[str]
    email_verified: bool
    created_at: datetime


class MeUpdate(Strict):
    display_name: DisplayName | None = None
    locale: Locale | None = None
