"""What people are told of, by names that stay as they are. `docs/webhooks.md` and the API's description are made of this.

`.sent` left one of your accounts, `.received` came into one.
"""

from typing import Literal, get_args

EventType = Literal[
    "transfer.sent",
    "transfer.received",
    "deposit.received",
    "deposit.failed",
    "withdrawal.sent",
    "withdrawal.failed",
    "capture.sent",
    "capture.received",
    "refund.sent",
    "refund.received",
    "reversal.sent",
    "reversal.received",
    "exchange.sent",
    "exchange.received",
    "claim.received",
    "return.received",
    "adjustment.sent",
    "adjustment.received",
    "hold.placed",
    "hold.voided",
    "hold.expired",
    "account.frozen",
    "account.open",
    "account.closed",
    "webhook_endpoint.disabled",
    "ping",
]

MEANINGS: dict[EventType, str] = {
    "transfer.sent": "You sent money.",
    "transfer.received": "Somebody sent you money.",
    "deposit.received": "Money came in from outside.",
    "deposit.failed": "A deposit failed, or was canceled.",
    "withdrawal.sent": "Money went out.",
    "withdrawal.failed": "A withdrawal failed, was canceled, or came back: the money is yours again.",
    "capture.sent": "Money that you had held for somebody was taken.",
    "capture.received": "You got money that was held for you.",
    "refund.sent": "You gave a transfer back, or a part of it.",
    "refund.received": "A transfer of yours came back, or a part of it.",
    "reversal.sent": "A transfer to you was undone.",
    "reversal.received": "A transfer of yours was undone.",
    "exchange.sent": "You gave money for another currency.",
    "exchange.received": "You got money of another currency.",
    "claim.received": "You got money that was waiting for you.",
    "return.received": "Money that nobody claimed, or that a bank sent back, came back to you.",
    "adjustment.sent": "Administrators corrected one of your accounts downwards.",
    "adjustment.received": "Administrators corrected one of your accounts upwards.",
    "hold.placed": "Money was promised: by you, or to you.",
    "hold.voided": "A promise was let go of by its payee.",
    "hold.expired": "A promise was past its time.",
    "account.frozen": "An account was frozen: nothing leaves it.",
    "account.open": "A frozen account is open again.",
    "account.closed": "An account was closed.",
    "webhook_endpoint.disabled": "An endpoint of yours was switched off because it failed for long or answered 410.",
    "ping": "You asked for a test of an endpoint. Only that endpoint gets it.",
}

TYPES: tuple[EventType, ...] = get_args(EventType)
GROUPS: frozenset[str] = frozenset(f"{name.partition('.')[0]}.*" for name in TYPES if "." in name)
"""What an endpoint may ask for beside single types: `transfer.*` is every type of transfers, later ones too."""
