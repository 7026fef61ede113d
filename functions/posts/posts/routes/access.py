"""Who may do what readers do."""

from typing import Annotated

from common.identity import RequireScope, User

Member = Annotated[User, RequireScope("posts:write")]
"""Somebody who takes part: with the same right as who writes posts."""
