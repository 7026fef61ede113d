"""Response headers that browsers want and that no group sets: on AWS the gateway or CloudFront adds them."""

from collections.abc import Iterable
from functools import cache
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.settings import settings

Headers = tuple[tuple[bytes, bytes], ...]


def policy(*, script: str = "'self'", style: str = "'self'", connect: Iterable[str] = ()) -> str:
    """A Content-Security-Policy: everything from here, nothing from elsewhere, and in nobody's frame."""
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src {script}",
            f"style-src {style}",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            " ".join(["connect-src 'self'", *connect]),
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


API_POLICY = "default-src 'none'; frame-ancestors 'none'"


def storage_origins() -> list[str]:
    """Browsers send files straight to the object store."""
    endpoint = settings().s3_public_endpoint_url or settings().aws_endpoint_url
    if endpoint:
        parts = urlsplit(endpoint)
        return [f"{parts.scheme}://{parts.netloc}"]
    buckets = (settings().uploads_bucket, settings().accounts_bucket)
    return [f"https://{bucket}.s3.amazonaws.com" for bucket in buckets if bucket]


@cache
def _common() -> Headers:
    headers = [
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"strict-origin-when-cross-origin"),
        (b"x-frame-options", b"DENY"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(self), geolocation=(), microphone=(), payment=()"),
    ]
    if settings().public_url.startswith("https://"):
        headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    return tuple(headers)


class SecurityHeaders:
    """Adds what a response does not say itself."""

    def __init__(self, app: ASGIApp, content_policy: str = API_POLICY) -> None:
        self.app = app
        self._headers = (*_common(), (b"content-security-policy", content_policy.encode()))
        self._names = {name for name, _ in self._headers}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}  # in small letters: ASGI's rule
                extra = self._headers
                if not self._names.isdisjoint(given):
                    extra = tuple(pair for pair in extra if pair[0] not in given)
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self.app(scope, receive, send_with_headers)
