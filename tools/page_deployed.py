"""`make page-deployed`: the page on port 8000, with the API that `make deploy-local` deployed behind it.

One origin for both, as CloudFront gives them on AWS: the refresh cookie is first-party, and its path stays `/v1/auth`.
"""

import json
import os
import sys

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from common.settings import settings
from server.console import complain, say
from server.headers import SecurityHeaders, policy
from server.page import Page
from tools.deploy_local import DATA

# They concern one connection, not the message (RFC 9110 section 7.6.1), and httpx has undone any content encoding.
_OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host"}
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def _passed_on(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.decode().lower() not in _OF_THE_CONNECTION]


def create_app(api: str) -> Starlette:
    client = httpx.AsyncClient(base_url=api, timeout=30)

    async def forward(request: Request) -> Response:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        headers = _passed_on(request.headers.raw)
        answer = await client.request(request.method, path, headers=headers, content=await request.body())
        response = Response(answer.content, answer.status_code)
        response.raw_headers = [*_passed_on(answer.headers.raw), (b"content-length", b"%d" % len(answer.content))]
        return response

    async def config(_request: Request) -> Response:
        return JSONResponse({"api_url": ""})

    page = SecurityHeaders(Page(), policy())
    return Starlette(
        routes=[Route("/v1/{path:path}", forward, methods=_METHODS), Route("/config.json", config), Mount("/", page)]
    )


def main() -> int:
    try:
        deployed = json.loads((DATA / "outputs.json").read_text())
    except FileNotFoundError:
        complain("Nothing is deployed here yet: run `make deploy-local` first.")
        return 1
    # The page may upload to where the deployed bucket is.
    os.environ["AWS_ENDPOINT_URL"] = deployed["Url"].partition("/_aws/")[0]
    settings.cache_clear()
    say(f"\n  The page, on {deployed['Url']}:  http://localhost:8000\n")
    uvicorn.run(create_app(deployed["Url"]), host="localhost", port=8000, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())
