"""Where a request comes from, as far as that can be trusted."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from common.logs import request_id

_LONGEST_AGENT = 300


@dataclass(frozen=True, slots=True)
class Client:
    """`address` is the gateway's sourceIp, or the socket's (or what a trusted proxy says of it)."""

    address: str
    user_agent: str
    request_id: str


def _client(request: Request) -> Client:
    """Mangum and uvicorn both put the address here; neither takes it from a header that anybody may send."""
    address = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "").encode(errors="replace").decode()[:_LONGEST_AGENT]
    return Client(address, agent.replace("\0", ""), request_id.get())


FromClient = Annotated[Client, Depends(_client)]
