"""People with the role that sees and corrects the books."""

from common.scopes import of_roles
from tests.people import People, Person

_ROLES = ("user", "admin")


async def administrator(people: People, name: str = "Root") -> Person:
    return await people.person(name, roles=_ROLES, scope=of_roles(_ROLES))
