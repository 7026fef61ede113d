"""Mail out: SES on AWS, SMTP on servers, the log where neither is set up."""

import asyncio
import logging
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from common.settings import ConfigurationError, settings

_log = logging.getLogger("artel.mail")


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    subject: str
    text: str
    html: str


class NotSent(Exception):
    """The mail system did not take the letter; it may later."""


def _by_ses(mail: Mail) -> None:
    import boto3

    boto3.client("ses").send_email(
        Source=settings().mail_from,
        Destination={"ToAddresses": [mail.to]},
        Message={
            "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
            "Body": {
                "Text": {"Data": mail.text, "Charset": "UTF-8"},
                "Html": {"Data": mail.html, "Charset": "UTF-8"},
            },
        },
    )


def _by_smtp(mail: Mail) -> None:
    """SMTP_URL: smtp://host:25, smtp+starttls://user:password@host:587 or smtps://user:password@host:465."""
    import smtplib  # and EmailMessage: never on AWS
    from email.message import EmailMessage
    from email.utils import formatdate, make_msgid

    message = EmailMessage()
    message["From"] = settings().mail_from
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=settings().mail_from.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # so that no holiday notice answers (RFC 3834)
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    given = settings().smtp_url
    if given is None:
        raise ConfigurationError("MAIL_TRANSPORT=smtp needs SMTP_URL, e.g. smtp+starttls://user:password@host:587")
    url = urlsplit(given.get_secret_value())
    connect = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    with connect(url.hostname or "localhost", url.port or 0, timeout=10) as server:
        if url.scheme == "smtp+starttls":
            server.starttls()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)


def _deliver(mail: Mail) -> None:
    transport = settings().mail_transport
    if transport == "log":
        _log.info("mail", extra={"to": mail.to, "subject": mail.subject, "text": mail.text})
        return
    if transport == "smtp":
        failures: tuple[type[Exception], ...] = (OSError,)  # smtplib's are of this kind
        hand_over = _by_smtp
    else:
        from botocore.exceptions import BotoCoreError, ClientError

        failures = (BotoCoreError, ClientError)
        hand_over = _by_ses
    try:
        hand_over(mail)
    except failures as error:
        _log.exception("mail was not sent", extra={"subject": mail.subject})
        raise NotSent from error


async def send(mail: Mail) -> None:
    """Hand the letter to the mail system. Raises NotSent."""
    await asyncio.to_thread(_deliver, mail)
