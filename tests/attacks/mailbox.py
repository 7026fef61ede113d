"""Letters, taken as they are queued: at every door they go through one table."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

_TAKE = """
    CREATE SCHEMA mailbox;
    CREATE TABLE mailbox.letters (id uuid, recipient text, words text);
    CREATE FUNCTION mailbox.take() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO mailbox.letters VALUES (new.id, new.recipient, concat_ws(E'\\n', new.subject, new.text, new.html));
        RETURN new;
    END $$;
    CREATE TRIGGER take AFTER INSERT ON auth.mails FOR EACH ROW EXECUTE FUNCTION mailbox.take();
"""
_LEAVE = "DROP TRIGGER take ON auth.mails; DROP SCHEMA mailbox CASCADE"
_TOKEN = re.compile(r"#token=([A-Za-z0-9_=-]+)")


class Mailbox:
    def __init__(self, owner: psycopg.Connection) -> None:
        self._owner = owner

    def to(self, email: str) -> list[str]:
        """Subject, text and HTML of each, the oldest first."""
        found = self._owner.execute("SELECT words FROM mailbox.letters WHERE recipient = %s ORDER BY id", [email])
        return [str(row[0]) for row in found]

    def token(self, email: str) -> str:
        """In the last letter."""
        found = _TOKEN.search(self.to(email)[-1])
        assert found is not None, self.to(email)[-1]
        return found[1]


@contextmanager
def open_mailbox(owner: psycopg.Connection) -> Iterator[Mailbox]:
    """Gone without a trace afterwards: other tests look whether anything is left of somebody."""
    owner.execute(_TAKE)
    try:
        yield Mailbox(owner)
    finally:
        owner.execute(_LEAVE)
