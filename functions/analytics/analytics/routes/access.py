from typing import Annotated

from common.identity import RequireScope, User

Reader = Annotated[User, RequireScope("analytics:read")]
Writer = Annotated[User, RequireScope("analytics:write")]
Administrator = Annotated[User, RequireScope("admin")]
