"""Signing in, staying signed in, signing up, and who one is come with a cold start; the rest when it is asked for."""

from fastapi import APIRouter

from auth.routes import account, discovery, registration, sign_in

router = APIRouter()
for part in (registration, sign_in, account, discovery):
    router.include_router(part.router)

LATER = tuple(
    f"auth.routes.{part}"
    for part in (
        "email",
        "mfa",
        "passkeys",
        "external",
        "password",
        "personal_tokens",
        "avatars",
        "sessions",
        "exports",
        "deletion",
        "audit",
        "administration",
    )
)
