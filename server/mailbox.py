"""`/dev/mail`: the letters this machine sent through the emulator, so that sign-up works without a mail server."""

import asyncio
import json
import re
import urllib.request
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.error import URLError

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from common.settings import settings

_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="10"><title>Mail · Artel</title><style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem }}
article {{ border: 1px solid #8886; border-radius: 8px; padding: 1rem 1.25rem; margin: 1rem 0 }}
h2 {{ margin: 0 0 .25rem; font-size: 1.1rem }} p {{ margin: 0 }} small {{ opacity: .75 }}
iframe {{ width: 100%; height: 30rem; border: 0; background: Canvas }} summary {{ cursor: pointer; margin-top: .75rem }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: .75rem 0 0 }}
</style></head><body><h1>Mail sent from this machine</h1><p>{note}</p>{letters}</body></html>
"""
_LETTER = """<article><h2>{subject}</h2><p><small>to {to} · {sent}</small></p><pre>{text}</pre>{html}</article>"""
# The frame runs no script, and links in it open in a tab of their own.
_AS_HTML = """<details><summary>as HTML</summary><iframe sandbox="allow-popups allow-popups-to-escape-sandbox"
title="the letter as HTML" srcdoc="{source}"></iframe></details>"""


def _fetch(endpoint: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{endpoint}/_ministack/ses/messages", timeout=5) as answer:  # noqa: S310 - our emulator
        by_account: dict[str, list[dict[str, Any]]] = json.load(answer)["messages"]
    letters = [letter for account in by_account.values() for letter in account]
    return sorted(letters, key=lambda letter: float(letter["Timestamp"]), reverse=True)


async def letters() -> list[dict[str, Any]]:
    """Newest first, since the emulator started: it keeps them in memory. None where there is no emulator."""
    endpoint = settings().aws_endpoint_url
    if endpoint is None or settings().mail_transport != "ses":
        return []
    try:
        return await asyncio.to_thread(_fetch, endpoint)
    except (URLError, OSError, ValueError, KeyError):
        return []


def linked(text: str) -> str:
    """Escaped, and its links made clickable: the text is what somebody registered with."""
    parts, end = [], 0
    for match in _LINK.finditer(text):
        href = escape(match[0])
        parts += [escape(text[end : match.start()]), f'<a href="{href}">{href}</a>']
        end = match.end()
    return "".join(parts) + escape(text[end:])


def _framed(source: str) -> str:
    """Links lead out of the frame, in which the page they open could run no script."""
    return escape(source.replace("<head>", '<head><base target="_blank">', 1))


def _html(letter: dict[str, Any]) -> str:
    return _LETTER.format(
        subject=escape(letter["Subject"] or "(no subject)"),
        to=escape(", ".join(letter["To"])),
        sent=f"{datetime.fromtimestamp(letter['Timestamp'], UTC):%Y-%m-%d %H:%M:%S} UTC",
        text=linked(letter["BodyText"] or ""),
        html=_AS_HTML.format(source=_framed(source)) if (source := letter.get("BodyHtml")) else "",
    )


async def _mail(request: Request) -> Response:
    found = await letters()
    headers = {"cache-control": "no-store"}
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(found, headers=headers)
    note = (
        "Since the last start. None of it reached an inbox."
        if found
        else "No letter yet. This page looks again every ten seconds."
    )
    page = _PAGE.format(note=note, letters="".join(map(_html, found)))
    return HTMLResponse(page, headers=headers | {"content-security-policy": _POLICY})


ROUTES: list[BaseRoute] = [Route("/dev/mail", _mail)]
