"""The first thing that somebody reads who opens an export."""

_TEXTS = {
    "en": """Your data in Artel
==================

This archive holds what Artel keeps about you, as of {date} (UTC).

Each .json file is a list; its objects have a line each. Times are UTC. Amounts of money are whole numbers in the
currency's smallest unit, so with an exponent of 2 the number 1050 is 10.50.

account.json              your profile
sessions.json             sign-ins, with the address and browser they came from
devices.json              browsers and apps you have signed in from
authenticator.json        when you set up an authenticator app
passkeys.json             your passkeys, without their keys
personal_tokens.json      your personal access tokens, without the tokens
outside_identities.json   accounts elsewhere that you sign in with
audit.json                what happened to your account
exports.json              exports like this one
money_accounts.json       your accounts and their balances
money_entries.json        every entry on them; of the other side only the account's number is known to you
money_requests.json       the keys by which your orders were kept from being carried out twice
money_holds.json          money you had promised, and what became of it
money_payments.json       what you paid in and out through providers
money_events.json         what you were told about your money
money_webhook_endpoints.json  where you have such news sent
money_limits.json         limits of your own, and what you sent on days that count towards them
money_sent_to_people.json whom you sent money to by handle or address
money_payment_requests.json   requests for payment, yours and to you
money_recurring_transfers.json  your recurring transfers and each of their runs
money_exchanges.json      rates you were offered, and those you took
money_actions.json        what you did with others' money as an administrator
posts.json                what you wrote, deleted posts included
posts_revisions.json      what your posts were before they were edited
posts_purchases.json      posts you bought or were about to buy
posts_reports.json        what you reported to moderators
posts_moderation.json     what moderators did to your posts, and what you did as one
posts_images.json         pictures you added to posts
posts_comments.json       your comments
posts_reactions.json      your reactions to posts
posts_bookmarks.json      posts you keep for later
posts_follows.json        people and tags you follow
posts_notifications.json  what you were told about posts
posts_notification_settings.json  what you want to be told of
posts_requests.json       what you wrote under an Idempotency-Key
uploads.json              workbooks you uploaded
datasets.json             the tables that were found in them
dashboards.json           what you look at them with
files/                    your picture, those in your posts, and the workbooks as you uploaded them

Passwords, keys and tokens are not in here: only what is derived from them is stored, and it would help nobody but a thief.
""",
    "ru": """Ваши данные в Artel
===================

В этом архиве всё, что Artel хранит о вас по состоянию на {date} (UTC).

Каждый файл .json — это список; каждый объект стоит на отдельной строке. Время указано по UTC. Денежные суммы — целые числа
в наименьших единицах валюты: при exponent, равном 2, число 1050 означает 10,50.

account.json              ваш профиль
sessions.json             входы в учётную запись: с какого адреса и из какого браузера
devices.json              браузеры и приложения, из которых вы входили
authenticator.json        когда вы подключили приложение с кодами
passkeys.json             ваши ключи доступа, без самих ключей
personal_tokens.json      ваши личные токены, без самих токенов
outside_identities.json   учётные записи других служб, через которые вы входите
audit.json                что происходило с вашей учётной записью
exports.json              выгрузки, подобные этой
money_accounts.json       ваши счета и остатки на них
money_entries.json        все проводки по ним; о другой стороне вам известен только номер счёта
money_requests.json       ключи, благодаря которым ваши поручения не выполнялись дважды
money_holds.json          обещанные вами деньги и что с ними стало
money_payments.json       что вы внесли и вывели через платёжные службы
money_events.json         что вам сообщали о ваших деньгах
money_webhook_endpoints.json  куда вы просили отправлять такие сообщения
money_limits.json         ваши собственные лимиты и суммы по дням, которые в них засчитаны
money_sent_to_people.json кому вы отправляли деньги по имени или адресу
money_payment_requests.json   запросы на оплату: ваши и обращённые к вам
money_recurring_transfers.json  ваши регулярные переводы и каждое их исполнение
money_exchanges.json      предложенные вам курсы и те, которыми вы воспользовались
money_actions.json        что вы делали с чужими деньгами как администратор
posts.json                что вы написали, включая удалённые записи
posts_revisions.json      ваши записи до правок
posts_purchases.json      записи, которые вы купили или собирались купить
posts_reports.json        ваши жалобы модераторам
posts_moderation.json     что модераторы делали с вашими записями и что делали вы как модератор
posts_images.json         изображения, добавленные вами к записям
posts_comments.json       ваши комментарии
posts_reactions.json      ваши реакции на записи
posts_bookmarks.json      записи, которые вы отложили
posts_follows.json        люди и теги, на которые вы подписаны
posts_notifications.json  что вам сообщали о записях
posts_notification_settings.json  о чём вам сообщать
posts_requests.json       что вы написали с ключом Idempotency-Key
uploads.json              загруженные вами таблицы Excel
datasets.json             данные, найденные в них
dashboards.json           ваши панели с графиками
files/                    ваша фотография, изображения из записей и загруженные файлы в исходном виде

Паролей, ключей и токенов здесь нет: хранится лишь то, что из них получено, и пригодилось бы оно только вору.
""",
}


def text(locale: str, date: str) -> str:
    return _TEXTS["ru" if locale == "ru" else "en"].format(date=date)
