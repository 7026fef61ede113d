from common.errors import AppError, BadRequest, NotFound, Unprocessable


class IdempotencyKeyMissing(BadRequest):
    """This needs an Idempotency-Key header: a value of your own, 1 to 200 visible ASCII characters, new for each intent."""


class IdempotencyKeyReused(Unprocessable):
    """This Idempotency-Key was used before with a different request."""


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


class CurrencyMismatch(AppError):
    """The accounts and the amount are not all in the same currency."""

    status = 409


class InsufficientFunds(AppError):
    """The source account's available balance (posted minus held, plus overdraft) is below the amount."""

    status = 409


class BalanceTooLarge(AppError):
    """The recipient's balance would pass 9007199254740991 minor units, the largest integer JSON carries safely."""

    status = 409


REFUSALS: dict[str, type[AppError]] = {
    error.__name__: error
    for error in (
        IdempotencyKeyReused,
        AccountNotFound,
        RecipientNotFound,
        UnknownCurrency,
        SameAccount,
        CurrencyMismatch,
        InsufficientFunds,
        BalanceTooLarge,
    )
}
"""By the code that the ledger's functions return."""
