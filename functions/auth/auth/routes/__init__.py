"""The parts of the API, the most wanted first: a cold start imports them in this order until one has the answer."""

PARTS = tuple(
    f"auth.routes.{part}"
    for part in (
        "sign_in",
        "account",
        "registration",
        "discovery",
        "email",
        "password",
        "mfa",
        "passkeys",
        "sessions",
        "personal_tokens",
        "avatars",
        "exports",
        "external",
        "deletion",
        "audit",
        "administration",
    )
)
