"""`/docs`: Swagger UI from a PyPI package, not from a content delivery network: it works offline and under our CSP."""

from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from common.errors import NotFound
from server.headers import policy

_ASSETS = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")
# Swagger UI draws with style attributes.
_POLICY = policy(style="'self' 'unsafe-inline'")
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Artel API</title>
<link rel="icon" href="/docs/favicon.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
"""
_START = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#docs", deepLinking: true, filter: true, persistAuthorization: true,
  displayRequestDuration: true, docExpansion: "none", tryItOutEnabled: true,
});
"""


def _folder() -> Path:
    """Found without importing: only the files of the package are of use here."""
    package = find_spec("fastapi_offline")
    assert package
    assert package.origin
    return Path(package.origin).parent / "static"


async def _page(_request: Request) -> Response:
    return HTMLResponse(_PAGE, headers={"content-security-policy": _POLICY})


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name == "start.js":
        return Response(_START, media_type="text/javascript")
    if name not in _ASSETS:
        raise NotFound
    return FileResponse(_folder() / name, headers={"cache-control": "public, max-age=86400"})


ROUTES: list[BaseRoute] = [Route("/docs", _page), Route("/docs/{name}", _asset)]
