"""Which endpoint groups this process serves, and their apps: the very ones that Lambda runs."""

import os
from importlib import import_module

from common.settings import GROUPS, ConfigurationError, Group
from common.web import App


def chosen() -> tuple[Group, ...]:
    """GROUPS=auth,money; all of them when it is empty."""
    asked = {name.strip() for name in os.environ.get("GROUPS", "").split(",")} - {""}
    unknown = asked - set(GROUPS)
    if unknown:
        raise ConfigurationError(
            f"GROUPS: there is no group {', '.join(sorted(unknown))}; choose from {', '.join(GROUPS)}"
        )
    return tuple(group for group in GROUPS if not asked or group in asked)


def load(group: Group) -> App:
    """Imported by name, so that a process that serves one group does not pay for the imports of all."""
    app = import_module(f"{group}.app").app
    assert isinstance(app, App)
    app.complete()
    return app
