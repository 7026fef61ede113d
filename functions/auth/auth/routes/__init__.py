from fastapi import APIRouter

from auth.routes import (
    account,
    administration,
    audit,
    avatars,
    deletion,
    discovery,
    email,
    exports,
    external,
    mfa,
    passkeys,
    password,
    personal_tokens,
    registration,
    sessions,
    sign_in,
)

router = APIRouter()
for part in (
    registration,
    email,
    sign_in,
    mfa,
    passkeys,
    external,
    password,
    personal_tokens,
    account,
    avatars,
    sessions,
    exports,
    deletion,
    audit,
    administration,
    discovery,
):
    router.include_router(part.router)
