from common.errors import AppError, BadRequest, Forbidden, NotFound, ServiceUnavailable, Unprocessable
from common.idempotency import IdempotencyKeyReused as IdempotencyKeyReused  # noqa: PLC0414 - the ledger says its name


class Conflict(AppError):
    """The state of things does not allow it."""

    status = 409


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


# People


class TooManyRequests(AppError):
    """Too many people were named who are not there, or asked for money; wait a quarter of an hour and try again."""

    status = 429
    headers = {"Retry-After": "900"}  # noqa: RUF012 - a class attribute of the base


class PaymentRequestNotFound(NotFound):
    """There is no such request for payment from you or to you."""


class PaymentRequestDecided(Conflict):
    """The request was accepted, declined or canceled before."""


class PaymentRequestExpired(Conflict):
    """The request's time is over."""


class InvalidRequestExpiry(Unprocessable):
    """A request for payment ends in the future, within a year."""


class OwnPaymentRequest(Conflict):
    """Nobody can pay a request of their own."""


class OnlyTheRequesterMayCancel(Forbidden):
    """A request is canceled by who made it; who is asked can decline it."""


class OnlyTheRequestedMayDecline(Forbidden):
    """Only the one person who is asked can decline a request; who made it can cancel it."""


class RecurringTransferNotFound(NotFound):
    """You have no such standing order."""


class RecurringTransferEnded(Conflict):
    """The standing order was canceled, or its last date is over."""


class NoOccurrence(Unprocessable):
    """The standing order would end before its first date."""


class StartOutOfRange(Unprocessable):
    """A standing order begins today (UTC) or later, and no date is further than ten years away."""


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


# Exchanges


class QuoteNotFound(NotFound):
    """You were given no such quote."""


class QuoteUsed(Conflict):
    """The quote was used before. A quote is good for one exchange; ask for a new one."""


class QuoteExpired(Conflict):
    """The quote's 60 seconds are over; ask for a new one."""


class ExchangeNotFound(NotFound):
    """You have made no such exchange."""


class SameCurrency(Unprocessable):
    """An exchange is between two different currencies; within one, send a transfer."""


class RateMissing(Conflict):
    """Nobody has set a rate between these two currencies, so they cannot be exchanged."""


class AmountTooSmall(Unprocessable):
    """That would buy less than the smallest unit of the other currency; sell more."""


class AmountTooLarge(Unprocessable):
    """That would come to more than 9007199254740991 minor units, the largest integer JSON carries safely."""


# Statements


class InvalidPeriod(Unprocessable):
    """A statement begins (`from`) no later than it ends (`to`), and has at most 366 days between the two."""


class StatementTooLong(Unprocessable):
    """The period has more lines than a statement of this format may have; ask for a shorter one, or for CSV."""


# Payments


class PaymentNotFound(NotFound):
    """You have no such deposit or withdrawal."""


class UnknownProvider(Unprocessable):
    """There is no such payment provider here."""


class ProviderUnavailable(ServiceUnavailable):
    """The payment provider does not answer right now; try again shortly."""


class NoSuchWebhook(NotFound):
    """No such provider sends anything here."""


class SignatureRefused(BadRequest):
    """The signature is not the provider's, or the message is older than five minutes."""


class UnreadableEvent(BadRequest):
    """The message is signed and yet not one that this provider sends."""


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
