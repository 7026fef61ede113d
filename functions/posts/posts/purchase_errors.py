from common.errors import AppError, Forbidden, Unprocessable


class PaymentRequired(AppError):
    """The whole of this post is for those who have bought it."""

    status = 402


class NotForSale(AppError):
    """The post is free: there is nothing to buy."""

    status = 409


class OwnPost(AppError):
    """Nobody buys a post of their own."""

    status = 409


class PriceChanged(AppError):
    """The post costs something else by now; read it again and agree to that."""

    status = 409


class PayeeUnusable(Unprocessable):
    """The account to be paid is not an open account of yours in the price's currency."""


class NotTheSeller(Forbidden):
    """Only the author sets a post's price and sees its sales."""
