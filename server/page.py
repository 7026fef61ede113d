"""The built page: hashed assets for ever, everything else asked anew, and every unknown path is the page's own."""

import os
from http import HTTPStatus
from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from server.headers import policy, storage_origins

_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Artel</title>
<body><h1>Artel</h1><p>The backend runs. This process serves no page; the API is described at <a href="/docs">/docs</a>.</p></body></html>
"""


def folder() -> Path:
    """FRONTEND_DIR, or where the build puts it in a checkout."""
    given = os.environ.get("FRONTEND_DIR")
    return Path(given) if given else Path(__file__).resolve().parents[1] / "frontend" / "dist"


class Page(StaticFiles):
    """A single-page app's files."""

    def __init__(self) -> None:
        super().__init__(directory=folder(), check_dir=False)
        self.config_checked = True  # a server without a page is none the worse

    async def get_response(self, path: str, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})
        if path in (".", "index.html"):
            return self._index(scope)
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != HTTPStatus.NOT_FOUND or not _is_view(path):
                raise
            return self._index(scope)
        immutable = path.startswith("assets/") and response.status_code < HTTPStatus.BAD_REQUEST
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if immutable else "no-cache"
        return response

    def _index(self, scope: Scope) -> Response:
        index = folder() / "index.html"
        if not index.exists():
            return HTMLResponse(_NOT_BUILT)
        response = self.file_response(index, index.stat(), scope)
        response.headers["cache-control"] = "no-cache"
        response.headers["content-security-policy"] = policy(connect=storage_origins())
        return response


def _is_view(path: str) -> bool:
    """`/wallet` is a view of the page; `/logo.png` is a file that is missing, and HTML in its place would only confuse."""
    return not PurePosixPath(path).suffix
