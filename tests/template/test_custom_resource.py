"""CloudFormation hears of success and of failure, and of failure the runtime hears too."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from common.custom_resource import Event, custom_resource


@pytest.fixture
def answers() -> Iterator[tuple[Event, list[dict[str, Any]]]]:
    """An event whose ResponseURL is here, and what is put there."""
    received: list[dict[str, Any]] = []

    class Bucket(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append({"content-type": self.headers["Content-Type"], **json.loads(body)})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Bucket)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    yield {"ResponseURL": url, "StackId": "s", "RequestId": "r", "LogicalResourceId": "Thing"}, received
    server.shutdown()
    server.server_close()


def test_success_is_answered_with_the_data(answers: tuple[Event, list[dict[str, Any]]]) -> None:
    event, received = answers
    custom_resource(lambda _event, _context: {"PhysicalResourceId": "p", "Data": {"Issuer": "i"}})(event, None)
    assert received == [
        {
            "content-type": "",
            "Status": "SUCCESS",
            "StackId": "s",
            "RequestId": "r",
            "LogicalResourceId": "Thing",
            "PhysicalResourceId": "p",
            "Data": {"Issuer": "i"},
        }
    ]


def test_a_failure_is_answered_with_its_reason_and_raised(answers: tuple[Event, list[dict[str, Any]]]) -> None:
    event, received = answers

    def fail(_event: Event, _context: object) -> dict[str, Any]:
        raise ValueError("no such key")

    with pytest.raises(ValueError, match="no such key"):
        custom_resource(fail)({**event, "PhysicalResourceId": "before"}, None)
    assert received[0]["Status"] == "FAILED"
    assert received[0]["Reason"] == "ValueError: no such key"
    assert received[0]["PhysicalResourceId"] == "before"
