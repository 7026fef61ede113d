"""An API like Stripe's that answers as a test wants, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass
class Asked:
    method: str
    path: str
    key: str | None
    form: dict[str, str]


@dataclass
class FakeStripe:
    """`status`: of every answer but those to questions for lists, which are empty."""

    url: str = ""
    status: int = 200
    error: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> tuple[int, dict[str, Any]]:
        self.asked.append(asked)
        if self.status != 200:
            return self.status, {"error": self.error}
        if asked.method == "GET":
            return 200, {"object": "list", "data": [], "has_more": False, "url": asked.path}
        what = "payout" if "payouts" in asked.path else "payment_intent"
        return 200, {
            "id": f"{what}_{asked.form['metadata[payment_id]']}",
            "object": what,
            "status": "pending" if what == "payout" else "requires_payment_method",
            "amount": int(asked.form["amount"]),
            "currency": asked.form["currency"],
            "client_secret": "a secret of the page",
            "metadata": {"payment_id": asked.form["metadata[payment_id]"]},
        }

    def posts(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "POST"]


@contextmanager
def fake_stripe() -> Iterator[FakeStripe]:
    fake = FakeStripe()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            form = {name: values[0] for name, values in parse_qs(raw).items()}
            path = self.path.partition("?")[0]
            status, found = fake.answer(Asked(self.command, path, self.headers.get("idempotency-key"), form))
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _any  # noqa: N815 - names of the library

        def log_message(self, *_args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()
