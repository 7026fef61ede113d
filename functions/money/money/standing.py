"""The view money.standing: accounts with what is not folded yet, and without what has expired."""

from sqlalchemy import BigInteger, Boolean, DateTime, SmallInteger, Text, Uuid, column, table

STANDING = table(
    "standing",
    *(column(name, Uuid) for name in ("id", "owner_id")),
    *(column(name, Text) for name in ("code", "name", "currency", "normal_side", "status")),
    *(column(name, BigInteger) for name in ("balance", "really_held", "overdraft", "version", "debits", "credits")),
    column("hot", Boolean),
    column("exponent", SmallInteger),
    column("created_at", DateTime(timezone=True)),
    schema="money",
)
SIDES = table(
    "sides",
    *(column(name, Uuid) for name in ("transaction_id", "account_id")),
    *(column(name, Text) for name in ("currency", "side")),
    column("amount", BigInteger),
    schema="money",
)
"""Entries, placed in their account's history or not yet."""
PEOPLE = table("people", column("id", Uuid), column("display_name", Text), column("handle", Text), schema="identity")
"""Who people are to others."""
