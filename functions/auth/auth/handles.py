"""Handles: what people name each other by. They are public; but nobody shall pose as Artel with one."""

_WORDS = (
    "abuse accounts admin administrator administrators admins anonymous anybody anyone api artel auth bank billing contact "
    "deleted everybody everyone finance fraud help helpdesk hostmaster legal login logout me moderator moderators money "
    "nobody noreply null official operator owner payment payments payroll postmaster privacy refund refunds register root "
    "security service settings somebody staff status superuser support system team transfer transfers undefined verified "
    "wallet webmaster"
)
_RESERVED = frozenset(_WORDS.split())
"""What others would take for Artel itself, for its staff, or for nobody in particular."""


def is_reserved(handle: str) -> bool:
    """`ad_min` and `artel_support` are as bad as `admin` and `support`."""
    parts = [part for part in handle.split("_") if part]
    return "".join(parts) in _RESERVED or _RESERVED.issuperset(parts)
