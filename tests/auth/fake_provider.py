"""An outside OpenID Connect provider on a port of this machine, which does what it should unless a test has it lie."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "artel at the provider", "s3cret: with +signs/"


@cache
def _first_key() -> RSAKey:
    """The same for all providers of a run: making one takes longer than a test."""
    return RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


@dataclass
class FakeProvider:
    """`person`: who is signed in there. `lies`: claims that replace true ones (... takes one away)."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    metadata_lies: dict[str, Any] = field(default_factory=dict)
    key: Any = None
    published: list[Any] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256"})
    token_status: int = 200
    token_body: bytes | None = None
    down: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = _first_key()
        self.published = [self.key]

    def sign_in(self, authorization_url: str) -> dict[str, str]:
        """The person agrees: the query of the address that the browser is sent back to."""
        order = {name: values[0] for name, values in parse_qs(urlsplit(authorization_url).query).items()}
        assert order["response_type"] == "code"
        assert order["client_id"] == CLIENT_ID
        assert order["code_challenge_method"] == "S256"
        assert "openid" in order["scope"].split()
        code = secrets.token_urlsafe(12)
        self.codes[code] = order
        return {"code": code, "state": order["state"]}

    def metadata(self) -> dict[str, Any]:
        true = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
        }
        return _changed(true, self.metadata_lies)

    def keys(self) -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False) for key in self.published]}

    def token(self, order: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        if not self._is_our_client(order, authorization):
            return 401, {"error": "invalid_client"}
        begun = self.codes.pop(order.get("code", ""), None)
        if begun is None or begun["redirect_uri"] != order.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(order.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != begun["code_challenge"]:
            return 400, {"error": "invalid_grant", "error_description": "PKCE"}
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token(begun["nonce"])}

    def _is_our_client(self, order: dict[str, str], authorization: str) -> bool:
        if "client_secret_post" in self.metadata().get("token_endpoint_auth_methods_supported", ()):
            return (order.get("client_id"), order.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        return (unquote(name), unquote(secret)) == (CLIENT_ID, CLIENT_SECRET)

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        true = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce, **self.person}
        claims = _changed(true, self.lies)
        if self.header["alg"] == "none":
            parts = ({**self.header, "typ": "JWT"}, claims)
            return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + "."
        header = _changed({"kid": self.key.kid} if not isinstance(self.key, OctKey) else {}, self.header)
        return jwt.encode(header, claims, self.key, algorithms=[header["alg"]])

    def rotates_its_key(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": secrets.token_hex(4), "use": "sig"})
        self.header = {"alg": "ES256"}
        self.published.append(self.key)


def _changed(true: dict[str, Any], lies: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (true | lies).items() if value is not ...}


@contextmanager
def running() -> Iterator[FakeProvider]:
    provider = FakeProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            pages = {"/.well-known/openid-configuration": provider.metadata, "/jwks": provider.keys}
            if provider.down or self.path not in pages:
                self._answer(503 if provider.down else 404, b"nothing here")
            else:
                self._answer(200, json.dumps(pages[self.path]()).encode())

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            order = {name: values[0] for name, values in parse_qs(text).items()}
            if provider.token_body is not None:
                self._answer(provider.token_status, provider.token_body)
            else:
                status, body = provider.token(order, self.headers.get("Authorization", ""))
                self._answer(status, json.dumps(body).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
