"""Letters about ways into an account."""

from typing import Literal

from auth import links
from common.letters import Letter, Letters
from common.mail import Mail

type Factor = Literal["totp", "passkey", "token", "identity"]

_NOT_YOU_EN = "If it was not you, choose a new password at once: that ends every session."
_NOT_YOU_RU = "Если это были не вы, сразу задайте новый пароль: все сеансы завершатся."
_BUTTON_EN = "Choose a new password"
_BUTTON_RU = "Задать новый пароль"

_FACTORS: dict[Factor, dict[str, str]] = {
    "totp": {"en": "an authenticator app", "ru": "приложение для одноразовых кодов"},
    "passkey": {"en": "a passkey", "ru": "ключ доступа"},
    "token": {"en": "a personal access token", "ru": "личный токен доступа"},
    "identity": {"en": "an outside account", "ru": "внешняя учётная запись"},
}


def _notice(subject_en: str, subject_ru: str, text_en: str, text_ru: str) -> Letters:
    """Something happened to the account; if it was somebody else, a new password is the way out."""
    return Letters(
        en=Letter(subject_en, (f"{text_en} {_NOT_YOU_EN}",), _BUTTON_EN),
        ru=Letter(subject_ru, (f"{text_ru} {_NOT_YOU_RU}",), _BUTTON_RU),
    )


_RESET = Letters(
    en=Letter(
        "Choose a new password for Artel",
        (
            "with this link you choose a new password. It works for an hour, and once. All sessions end with it.",
            "If you did not ask for it, there is nothing to do: your password stays as it is.",
        ),
        _BUTTON_EN,
    ),
    ru=Letter(
        "Новый пароль для Artel",
        (
            "По этой ссылке можно задать новый пароль. Она действует час и один раз. Все сеансы завершатся.",
            "Если вы этого не просили, ничего делать не нужно: пароль останется прежним.",
        ),
        _BUTTON_RU,
    ),
)
_CHOOSE_PASSWORD = Letters(
    en=Letter(
        "Choose a password for Artel",
        (
            (
                "your address is confirmed. More than one person has signed up with it, though, and chose different passwords; "
                "none of them counts any more. With this link, which works for an hour, you choose one that only you know."
            ),
            "If the link is too old, ask for another with “Forgot the password?” on the sign-in page.",
        ),
        "Choose a password",
    ),
    ru=Letter(
        "Задайте пароль для Artel",
        (
            (
                "Адрес подтверждён. Но с ним регистрировались не раз и с разными паролями, и ни один из них больше не "
                "действует. По этой ссылке, она работает час, можно задать пароль, который знаете только вы."
            ),
            "Если ссылка устарела, запросите новую: «Забыли пароль?» на странице входа.",
        ),
        "Задать пароль",
    ),
)
_PASSWORD_CHANGED = _notice(
    "Your Artel password was changed",
    "Пароль в Artel изменён",
    "the password of your account was changed, and older sessions were ended.",
    "Пароль вашей учётной записи изменён, прежние сеансы завершены.",
)
_SESSION_ENDED = _notice(
    "A session of yours was ended",
    "Сеанс в Artel завершён",
    "one of your sessions was continued from two places, as happens when its token is stolen. We have ended it for both.",
    "Один из ваших сеансов был продолжен из двух мест, как бывает при краже токена. Мы завершили его для обоих.",
)
_NEW_FACTOR = _notice(
    "A new way into your Artel account",
    "Новый способ входа в Artel",
    "{what} was added to your account.",
    "К вашей учётной записи добавлен новый способ входа: {what}.",
)
_FACTOR_REMOVED = _notice(
    "A way into your Artel account was removed",
    "Способ входа в Artel удалён",
    "{what} was removed from your account.",
    "Из вашей учётной записи удалён способ входа: {what}.",
)
_RECOVERY_CODE_USED = _notice(
    "A recovery code was used",
    "Использован код восстановления",
    "somebody signed in to your account with a recovery code. Unused codes left: {left}.",
    "В вашу учётную запись вошли с кодом восстановления. Осталось неиспользованных кодов: {left}.",
)
_ACCOUNT_DISABLED = Letters(
    en=Letter(
        "Your Artel account was disabled",
        (
            "an administrator has disabled your account, and you are signed out everywhere. Your data is kept.",
            "If you think this is a mistake, write to those who run this site.",
        ),
    ),
    ru=Letter(
        "Учётная запись Artel отключена",
        (
            "Администратор отключил вашу учётную запись, все сеансы завершены. Данные сохранены.",
            "Если вы считаете, что это ошибка, напишите владельцам сайта.",
        ),
    ),
)


def reset(to: str, name: str, locale: str, link: str) -> Mail:
    return _RESET.to(to, name, locale, link)


def choose_password(to: str, name: str, locale: str, link: str) -> Mail:
    """The address is proved, but which of several passwords is its owner's is not."""
    return _CHOOSE_PASSWORD.to(to, name, locale, link)


def password_changed(to: str, name: str, locale: str) -> Mail:
    return _PASSWORD_CHANGED.to(to, name, locale, links.page("forgot-password"))


def session_ended(to: str, name: str, locale: str) -> Mail:
    """A refresh token came back that had been used before."""
    return _SESSION_ENDED.to(to, name, locale, links.page("forgot-password"))


def _about(letters: Letters, to: str, name: str, locale: str, what: Factor) -> Mail:
    word = _FACTORS[what]["ru" if locale == "ru" else "en"]
    return letters.to(to, name, locale, links.page("forgot-password"), what=word)


def new_factor(to: str, name: str, locale: str, what: Factor) -> Mail:
    return _about(_NEW_FACTOR, to, name, locale, what)


def factor_removed(to: str, name: str, locale: str, what: Factor) -> Mail:
    return _about(_FACTOR_REMOVED, to, name, locale, what)


def recovery_code_used(to: str, name: str, locale: str, left: int) -> Mail:
    return _RECOVERY_CODE_USED.to(to, name, locale, links.page("forgot-password"), left=str(left))


def account_disabled(to: str, name: str, locale: str) -> Mail:
    return _ACCOUNT_DISABLED.to(to, name, locale)
