"""Letters as they would have arrived, for tests."""

import re
import secrets
from dataclasses import dataclass, field

from common.mail import Mail

_TOKEN = re.compile(r"#token=(\S+)")


@dataclass
class Postbox:
    letters: list[Mail] = field(default_factory=list)

    async def take(self, mail: Mail) -> None:
        """In the place of common.mail.send."""
        self.letters.append(mail)

    def to(self, address: str) -> list[Mail]:
        """The oldest first."""
        return [letter for letter in self.letters if letter.to.casefold() == address.casefold()]

    def subjects(self, address: str) -> list[str]:
        return [letter.subject for letter in self.to(address)]

    def token(self, address: str) -> str:
        """Of the last letter."""
        return token_in(self.to(address)[-1])


def token_in(letter: Mail) -> str:
    found = _TOKEN.search(letter.text)
    assert found is not None, letter.text
    return found[1]


def new_address(who: str = "someone") -> str:
    return f"{who}.{secrets.token_hex(6)}@example.org"
