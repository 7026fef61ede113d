from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.identity import CurrentUser
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from posts import full, prices, purchase_lists, purchases
from posts.errors import PostNotFound
from posts.purchase_errors import NotForSale, NotTheSeller, OwnPost, PayeeUnusable, PaymentRequired, PriceChanged
from posts.purchase_schemas import BoughtPost, PriceSet, PurchaseCreate, PurchaseRead, Sales
from posts.routes.access import IdOrSlug, Writer
from posts.schemas import PostRead

router = APIRouter(responses=problems(Unauthorized, Forbidden))

_WHOLE: dict[int | str, dict[str, Any]] = {200: {"model": PostRead}}


@router.get("/purchases", responses=problems(InvalidCursor))
async def list_purchases(
    user: CurrentUser, session: DbSession, response: Response, cursor: CursorQuery = None, limit: Limit = 20
) -> Page[BoughtPost]:
    """What you have bought, newest first."""
    response.headers["Cache-Control"] = "no-store"
    return await purchase_lists.bought(session, user.id, cursor, limit)


@router.post(
    "/{post_id}/purchases", status_code=201, responses=problems(PostNotFound, OwnPost, NotForSale, PriceChanged)
)
async def buy_post(
    post_id: UUID, order: PurchaseCreate, user: Writer, session: DbSession, response: Response
) -> PurchaseRead:
    """Buy a post at the price you have seen.

    Make the transfer that `payment` describes, under exactly its key, and ask again: `paid`. You pay once however often you
    repeat both. When the transfer was refused, asking again gives a new key. Answers 200 when there is nothing new.
    """
    response.headers["Cache-Control"] = "no-store"
    purchase, new = await purchases.order(session, user.id, post_id, order)
    if not new:
        response.status_code = 200
    return purchase


@router.get(
    "/{post_id}/full",
    response_class=Response,
    responses=_WHOLE | problems(PostNotFound, PaymentRequired),
)
async def read_full_post(post_id: IdOrSlug, user: CurrentUser, session: DbSession) -> Response:
    """The whole of a post that you have bought or written."""
    text = await full.read(session, user, post_id)
    return Response(text, headers={"Cache-Control": "no-store"}, media_type="application/json")


@router.put("/{post_id}/price", status_code=204, responses=problems(PostNotFound, NotTheSeller, PayeeUnusable))
async def set_price(post_id: UUID, price: PriceSet, user: Writer, session: DbSession) -> None:
    """Ask money for your post. Title, excerpt and tags stay for everybody."""
    await prices.put(session, user.id, post_id, price)


@router.delete("/{post_id}/price", status_code=204, responses=problems(PostNotFound, NotTheSeller))
async def remove_price(post_id: UUID, user: Writer, session: DbSession) -> None:
    """Let everybody read your post again."""
    await prices.remove(session, user.id, post_id)


@router.get("/{post_id}/sales", responses=problems(PostNotFound, NotTheSeller))
async def read_sales(post_id: UUID, user: Writer, session: DbSession, response: Response) -> Sales:
    """What your post has earned, by currency. Fees are not in it; readers pay them on top."""
    response.headers["Cache-Control"] = "no-store"
    return await purchase_lists.sales(session, user.id, post_id)
