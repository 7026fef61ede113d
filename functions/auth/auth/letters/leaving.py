"""Letters about one's data, and about leaving."""

from datetime import date

from common.letters import Letter, Letters
from common.mail import Mail

_EXPORT_READY = Letters(
    en=Letter(
        "Your data is ready",
        (
            "the export of your data is ready. You can download it for seven days, signed in, on the page of your account.",
        ),
        "Go to the account",
    ),
    ru=Letter(
        "Ваши данные готовы",
        ("Выгрузка ваших данных готова. Семь дней её можно скачать на странице учётной записи.",),
        "Открыть учётную запись",
    ),
)
_DELETION_ASKED = Letters(
    en=Letter(
        "Your Artel account was deleted",
        (
            "your account is deleted, and you are signed out everywhere. Until {until} you can have it back with this link.",
            "After that everything that says who you are is erased for good.",
            "If it was not you, use the link, and then choose a new password.",
        ),
        "Restore the account",
    ),
    ru=Letter(
        "Учётная запись Artel удалена",
        (
            "Учётная запись удалена, все сеансы завершены. До {until} её можно вернуть по этой ссылке.",
            "После этого всё, что говорит о том, кто вы, будет стёрто навсегда.",
            "Если это были не вы, перейдите по ссылке, а затем задайте новый пароль.",
        ),
        "Восстановить учётную запись",
    ),
)
_RESTORED = Letters(
    en=Letter(
        "Welcome back to Artel",
        ("your account is restored. Sign in as before; personal access tokens must be made anew.",),
    ),
    ru=Letter(
        "С возвращением в Artel",
        ("Учётная запись восстановлена. Войдите как прежде; личные токены доступа нужно создать заново.",),
    ),
)


def export_ready(to: str, name: str, locale: str, link: str) -> Mail:
    return _EXPORT_READY.to(to, name, locale, link)


def deletion_asked(to: str, name: str, locale: str, link: str, until: date) -> Mail:
    """`until`: the last day on which it can be undone."""
    shown = f"{until:%d.%m.%Y}" if locale == "ru" else f"{until:%d %B %Y}"
    return _DELETION_ASKED.to(to, name, locale, link, until=shown)


def restored(to: str, name: str, locale: str) -> Mail:
    return _RESTORED.to(to, name, locale)
