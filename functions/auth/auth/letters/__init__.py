"""What accounts are written: each letter in English and Russian, as text and as HTML."""

from auth.letters.access import (
    account_disabled,
    choose_password,
    factor_removed,
    new_factor,
    password_changed,
    recovery_code_used,
    reset,
    session_ended,
)
from auth.letters.address import already_known, change_email, email_changed, email_changing, verify, welcome
from auth.letters.leaving import deletion_asked, export_ready, restored

__all__ = [
    "account_disabled",
    "already_known",
    "change_email",
    "choose_password",
    "deletion_asked",
    "email_changed",
    "email_changing",
    "export_ready",
    "factor_removed",
    "new_factor",
    "password_changed",
    "recovery_code_used",
    "reset",
    "restored",
    "session_ended",
    "verify",
    "welcome",
]
