from common.errors import AppError, BadRequest, Forbidden, NotFound, Unprocessable


class Conflict(AppError):
    """The state of things does not allow it."""

    status = 409


class IdempotencyKeyMissing(BadRequest):
    """This needs an Idempotency-Key header: a value of your own, 1 to 200 visible ASCII characters, new for each intent."""


class IdempotencyKeyReused(Unprocessable):
    """This Idempotency-Key was used before with a different request."""


class RequestInProgress(Conflict):
    """An earlier request with this Idempotency-Key is still being worked on; try again shortly."""

    headers = {"Retry-After": "1"}  # noqa: RUF012 - a class attribute of the base


class AccountNotFound(NotFound):
    """You have no such account."""


class RecipientNotFound(NotFound):
    """There is no such account to send to."""


class TransferNotFound(NotFound):
    """There is no such transfer from or to one of your accounts."""


class UnknownCurrency(Unprocessable):
    """The currency is not an active ISO 4217 code."""


class SameAccount(Unprocessable):
    """A transfer needs two different accounts."""


class CurrencyMismatch(Conflict):
    """The accounts and the amount are not all in the same currency."""


class InsufficientFunds(Conflict):
    """The source account's available balance (posted minus held, plus overdraft) is below the amount and its fee."""


class BalanceTooLarge(Conflict):
    """The recipient's balance would pass 9007199254740991 minor units, the largest integer JSON carries safely."""


class LimitExceeded(Conflict):
    """The amount is above what you may send at once, or with it you would pass what you may send in a day."""


class AccountFrozen(Conflict):
    """The account is frozen: nothing can leave it."""


class AccountClosed(Conflict):
    """The account is closed."""


class AccountNotEmpty(Conflict):
    """Only an account without balance and holds can be closed."""


class OverdraftInUse(Conflict):
    """The account is further below zero than that."""


class BatchRefused(Conflict):
    """Not all transfers of the batch can be made, so none was; the list says which, and why."""


# Giving back


class AlreadyReversed(Conflict):
    """The transfer was reversed before."""


class AlreadyRefunded(Conflict):
    """A part of the transfer was refunded: what is left can be refunded, but the transfer cannot be reversed any more."""


class RefundTooLarge(Conflict):
    """That is more than is left of the transfer after earlier refunds."""


# Holds


class HoldNotFound(NotFound):
    """There is no such hold on one of your accounts or in favour of one."""


class HoldResolved(Conflict):
    """The hold was captured or voided before."""


class HoldExpired(Conflict):
    """The hold's time is over: it holds nothing any more."""


class CaptureTooLarge(Conflict):
    """That is more than is held."""


class InvalidExpiry(Unprocessable):
    """A hold ends in the future, within a year."""


class OnlyThePayeeMayVoid(Forbidden):
    """Who placed a hold has promised the money; only the payee can let go of it before its time."""


# Administration


class AdjustmentNotFound(NotFound):
    """There is no such adjustment."""


class AdjustmentDecided(Conflict):
    """The adjustment was posted or rejected before."""


class SecondPersonNeeded(Forbidden):
    """Whoever proposes an adjustment cannot post it too."""


class FeeRuleNotFound(NotFound):
    """There is no such fee rule in force."""


class LimitNotFound(NotFound):
    """There is no such limit."""


# Events and webhooks


class EventNotFound(NotFound):
    """You have no such event. Events are kept for 90 days; all zeros stands for the beginning."""


class WebhookEndpointNotFound(NotFound):
    """You have no such webhook endpoint."""


class DeliveryNotFound(NotFound):
    """The endpoint has no such delivery."""


class UnsafeUrl(Unprocessable):
    """A webhook endpoint is an https URL without credentials and fragment, at a public address."""


class TooManyWebhookEndpoints(Conflict):
    """You have ten webhook endpoints, which is as many as there can be."""


class WebhookEndpointDisabled(Conflict):
    """The webhook endpoint is switched off."""


class DeliveryPending(Conflict):
    """The event is still being sent to this endpoint."""


def refusal(code: str) -> type[AppError]:
    """The error by the code that the ledger's functions return."""
    error: type[AppError] = globals()[code]
    return error
