"""One attempt: a POST to an address that was looked at, signed as https://www.standardwebhooks.com says."""

import asyncio
import ssl
import time
from contextlib import aclosing, suppress
from datetime import timedelta
from functools import cache

import httpx

from money.webhooks import addresses
from money.webhooks.queue import Answer, Outgoing
from money.webhooks.secrets import signature

TIMEOUT_S = 10.0
"""From the look-up of the name to the head of the answer."""
_CONNECT_S = 4.0
_BODY_S = 2.0
_KEPT = 1024
_PORTS = {"https": 443, "http": 80}
_BUSY = frozenset({429, 503})


@cache
def _trust() -> ssl.SSLContext:
    """Certificates as SSL_CERT_FILE has them, or certifi. Built once: it takes as long as twenty deliveries."""
    return httpx.create_ssl_context()


async def send(outgoing: Outgoing) -> Answer:
    """Whatever goes wrong out there is an answer too.

    One connection for one request: nothing of it is left for anybody else's endpoint at the same address.
    """
    async with httpx.AsyncHTTPTransport(verify=_trust(), trust_env=False) as transport:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                response = await _ask(transport, outgoing)
        except (TimeoutError, httpx.TimeoutException):
            return Answer(None, error=f"No answer within {TIMEOUT_S:.0f} seconds.")
        except addresses.NotPublic:
            return Answer(None, error="Webhooks may not go there: the address is not public, or not https.")
        except (httpx.ConnectError, OSError, UnicodeError):
            return Answer(None, error="No connection, or none with a valid certificate.")
        except (httpx.HTTPError, httpx.InvalidURL):
            return Answer(None, error="The answer is not HTTP.")
        text = (await _beginning(response)).decode("utf-8", "replace").replace("\0", "\ufffd")
        return Answer(response.status_code, text, retry_after=_retry_after(response))


async def _ask(transport: httpx.AsyncHTTPTransport, outgoing: Outgoing) -> httpx.Response:
    """Raises NotPublic, or what httpx and the look-up raise."""
    url = httpx.URL(outgoing.url)
    addresses.check_scheme(url.scheme)
    found = await addresses.look_up(url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme])
    for address in found[:-1]:
        try:
            return await transport.handle_async_request(_request(outgoing, url, address))
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return await transport.handle_async_request(_request(outgoing, url, found[-1]))


def _request(outgoing: Outgoing, url: httpx.URL, address: str) -> httpx.Request:
    """To the address, for the host: its name is what the certificate must be for and what the receiver is asked by."""
    timestamp = int(time.time())
    headers = {
        "Host": url.netloc.decode("ascii"),
        "Content-Type": "application/json",
        "User-Agent": "Artel-Webhooks/1 (+https://www.standardwebhooks.com)",
        "Connection": "close",
        "Webhook-Id": str(outgoing.event_id),
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": " ".join(
            signature(secret, outgoing.event_id, timestamp, outgoing.body) for secret in outgoing.secrets
        ),
    }
    extensions = {
        "sni_hostname": url.raw_host.decode("ascii"),
        "timeout": httpx.Timeout(TIMEOUT_S, connect=_CONNECT_S).as_dict(),
    }
    return httpx.Request(
        "POST", url.copy_with(host=address), headers=headers, content=outgoing.body, extensions=extensions
    )


async def _beginning(response: httpx.Response) -> bytes:
    """Not decompressed, and no more than is kept: an answer may be of any size, and come as slowly as it likes."""
    kept = b""
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(_BODY_S), aclosing(response):
            async for chunk in response.aiter_raw():
                kept += chunk
                if len(kept) >= _KEPT:
                    break
    return kept[:_KEPT]


def _retry_after(response: httpx.Response) -> timedelta:
    given = response.headers.get("Retry-After", "")
    seconds = int(given) if given.isascii() and given.isdigit() and len(given) <= len("86400") else 0
    return timedelta(seconds=seconds if response.status_code in _BUSY else 0)
