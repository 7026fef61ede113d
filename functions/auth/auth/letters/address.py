"""Letters about an account's address."""

from auth import links
from common.letters import Letter, Letters
from common.mail import Mail

_IGNORE_EN = "If it was not you, there is nothing to do: without the link nothing happens."
_IGNORE_RU = "Если это были не вы, ничего делать не нужно: без перехода по ссылке ничего не произойдёт."

_WELCOME = Letters(
    en=Letter(
        "Welcome to Artel: please confirm your address",
        (
            "your account is ready. One thing is left: confirm that this address is yours. The link works for two days.",
            "You will then sign in once more, so that nobody who knew your address before you keeps a way in.",
            "If you did not sign up, do not follow the link: the password of this account is not one that you chose.",
        ),
        "Confirm the address",
    ),
    ru=Letter(
        "Добро пожаловать в Artel: подтвердите адрес",
        (
            "Учётная запись создана. Осталось подтвердить, что этот адрес ваш. Ссылка действует двое суток.",
            "После этого понадобится войти ещё раз: так у того, кто мог указать ваш адрес раньше вас, не останется доступа.",
            "Если вы не регистрировались, не переходите по ссылке: пароль этой учётной записи выбрали не вы.",
        ),
        "Подтвердить адрес",
    ),
)
_VERIFY = Letters(
    en=Letter(
        "Confirm your address for Artel",
        ("please confirm that this address is yours. The link works for two days.", _IGNORE_EN),
        "Confirm the address",
    ),
    ru=Letter(
        "Подтвердите адрес для Artel",
        ("Подтвердите, что этот адрес ваш. Ссылка действует двое суток.", _IGNORE_RU),
        "Подтвердить адрес",
    ),
)
_ALREADY_KNOWN = Letters(
    en=Letter(
        "You already have an Artel account",
        (
            "somebody, perhaps you, wanted to use this address, which already has an account. Nothing was changed.",
            "If you have forgotten the password, choose a new one here.",
            "If it was not you, there is nothing to do.",
        ),
        "Choose a new password",
    ),
    ru=Letter(
        "У вас уже есть учётная запись Artel",
        (
            "Кто-то, возможно вы, хотел использовать этот адрес, а учётная запись для него уже есть. Ничего не изменилось.",
            "Если вы забыли пароль, здесь можно задать новый.",
            "Если это были не вы, ничего делать не нужно.",
        ),
        "Задать новый пароль",
    ),
)
_CHANGE_EMAIL = Letters(
    en=Letter(
        "Confirm your new address for Artel",
        ("please confirm that your account shall use this address from now on. The link works for a day.", _IGNORE_EN),
        "Use this address",
    ),
    ru=Letter(
        "Подтвердите новый адрес для Artel",
        ("Подтвердите, что учётная запись теперь будет с этим адресом. Ссылка действует сутки.", _IGNORE_RU),
        "Использовать этот адрес",
    ),
)
_EMAIL_CHANGING = Letters(
    en=Letter(
        "Your Artel address is about to change",
        (
            (
                "somebody signed in to your account asked to change its address to {new_email}. It changes when the link "
                "in the letter to that address is followed; until then this one stays."
            ),
            "If it was not you, choose a new password at once: that ends every session.",
        ),
        "Choose a new password",
    ),
    ru=Letter(
        "Запрошена смена адреса в Artel",
        (
            (
                "В вашей учётной записи попросили сменить адрес на {new_email}. Он сменится, когда перейдут по ссылке "
                "из письма на тот адрес; до тех пор остаётся этот."
            ),
            "Если это были не вы, сразу задайте новый пароль: все сеансы завершатся.",
        ),
        "Задать новый пароль",
    ),
)
_EMAIL_CHANGED = Letters(
    en=Letter(
        "Your Artel address was changed",
        (
            "your account no longer uses this address; letters go to the new one from now on.",
            "If it was not you, write to those who run this site at once.",
        ),
    ),
    ru=Letter(
        "Адрес в Artel изменён",
        (
            "Ваша учётная запись больше не связана с этим адресом; письма приходят на новый.",
            "Если это были не вы, немедленно напишите владельцам сайта.",
        ),
    ),
)


def welcome(to: str, name: str, locale: str, link: str) -> Mail:
    return _WELCOME.to(to, name, locale, link)


def verify(to: str, name: str, locale: str, link: str) -> Mail:
    return _VERIFY.to(to, name, locale, link)


def already_known(to: str, name: str, locale: str) -> Mail:
    return _ALREADY_KNOWN.to(to, name, locale, links.page("forgot-password"))


def change_email(to: str, name: str, locale: str, link: str) -> Mail:
    """To the new address."""
    return _CHANGE_EMAIL.to(to, name, locale, link)


def email_changing(to: str, name: str, locale: str, new_email: str) -> Mail:
    """To the old one, when it is asked for."""
    return _EMAIL_CHANGING.to(to, name, locale, links.page("forgot-password"), new_email=new_email)


def email_changed(to: str, name: str, locale: str) -> Mail:
    """To the old one, when it is done."""
    return _EMAIL_CHANGED.to(to, name, locale)
