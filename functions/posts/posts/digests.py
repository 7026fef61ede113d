"""Letters that say what somebody has not read, handed to auth's outbox, which sends them. In English and Russian."""

from sqlalchemy import text

from common.db import transaction
from common.letters import Letter, Letters
from common.mail import Mail
from posts.links import site

_TAKE = text("SELECT * FROM posts.take_digest()")
_QUEUE = text("SELECT identity.queue_letter(:to, :subject, :text, :html)")

# Numbers stand after the words: no plurals to get wrong. Nothing that a stranger wrote is in here.
_LINES = {
    "reply": ("Replies to your comments: {}", "Ответы на ваши комментарии: {}"),
    "mention": ("Mentions of you: {}", "Упоминания о вас: {}"),
    "comment": ("Comments on your posts: {}", "Комментарии к вашим записям: {}"),
    "reaction": ("Posts of yours with new reactions: {}", "Ваши записи с новыми реакциями: {}"),
    "follower": ("New followers: {}", "Новые подписчики: {}"),
    "post": ("New posts by people you follow: {}", "Новые записи тех, на кого вы подписаны: {}"),
}
_CHOOSE_EN = "Choose what you are told of, and how often, or stop these letters: {settings}"
_CHOOSE_RU = "Выбрать, о чём и как часто сообщать, или отказаться от этих писем: {settings}"


def write(address: str, name: str, locale: str, news: dict[str, int]) -> Mail:
    """`news`: how many of each kind."""
    told = [kind for kind in _LINES if news.get(kind)]
    english = tuple(_LINES[kind][0].format(news[kind]) for kind in told)
    russian = tuple(_LINES[kind][1].format(news[kind]) for kind in told)
    letters = Letters(
        en=Letter("What is new for you in Artel", (english[0], *english[1:], _CHOOSE_EN), "See it in Artel"),
        ru=Letter("Что нового для вас в Artel", (russian[0], *russian[1:], _CHOOSE_RU), "Посмотреть в Artel"),
    )
    return letters.to(address, name, locale, f"{site()}/notifications", settings=f"{site()}/notifications/settings")


async def write_letters() -> int:
    """Each in a transaction of its own: it is taken if and only if it is in the outbox. Returns how many were taken."""
    taken = 0
    while await _write_one():
        taken += 1
    return taken


async def _write_one() -> bool:
    async with transaction("posts") as session:
        row = (await session.execute(_TAKE)).one()
        if row.address is not None:
            mail = write(row.address, row.name, row.locale, row.news)
            letter = {"to": mail.to, "subject": mail.subject, "text": mail.text, "html": mail.html}
            await session.execute(_QUEUE, letter)
        return row.person is not None
