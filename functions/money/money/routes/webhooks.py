"""Where payment providers tell us what happened. Nobody is signed in here: a signature says who it is."""

from fastapi import APIRouter, BackgroundTasks, Request

from common.errors import problems
from money import inbox
from money.errors import NoSuchWebhook, SignatureRefused, UnreadableEvent
from money.provider import Delivery

router = APIRouter(prefix="/webhooks")

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
        "description": "As the provider sends it, signed byte by byte.",
    }
}


@router.post(
    "/{provider}",
    status_code=204,
    responses=problems(NoSuchWebhook, SignatureRefused, UnreadableEvent),
    openapi_extra=_BODY,
)
async def receive_webhook(provider: str, request: Request, background: BackgroundTasks) -> None:
    """Take an event of a payment provider. It is stored before the answer and looked into after it; sent again, nothing happens."""
    key = await inbox.receive(provider, Delivery(request.headers, await request.body()))
    background.add_task(inbox.process_soon, key)
