"""What may be done, by scope, and which scopes a role brings. Scopes are space-separated text in tokens (RFC 6749)."""

from collections.abc import Iterable

USER = frozenset({"profile", "posts:write", "money:read", "money:write", "analytics:read", "analytics:write"})
FOR_PROGRAMS = USER - {"profile"} | {"posts:moderate", "audit:read"}
"""What a personal access token may carry: nothing that changes who can get into an account."""
OF_ROLE: dict[str, frozenset[str]] = {
    "user": USER,
    "moderator": frozenset({"posts:moderate"}),
    "auditor": frozenset({"audit:read"}),
    "admin": frozenset({"admin", "posts:moderate", "audit:read"}),
}


def of_roles(roles: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(OF_ROLE.get(role, frozenset()) for role in roles))
