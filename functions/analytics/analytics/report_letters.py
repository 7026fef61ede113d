"""A dashboard as a letter: its figures as tables, handed to auth's outbox, which sends it. In English and Russian."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update

from analytics import exports, widget_data
from analytics.dashboard_schemas import DashboardRead
from analytics.errors import DatasetNotFound, InvalidQuery, QueryTooHeavy
from analytics.report_plans import next_due
from common.db import transaction
from common.letters import Letter, Letters, Table
from common.mail import Mail
from common.models.analytics_dashboards import Dashboard, Report
from common.settings import settings
from common.storage import StorageUnavailable

_ROWS = 12
"""Of a widget; more are on the page."""
_LATER = timedelta(minutes=15)
_log = logging.getLogger("artel.analytics")
_SENT = text("SELECT * FROM analytics.take_report(:dashboard, :due, :next)")
_QUEUE = text("SELECT identity.queue_letter(:to, :subject, :text, :html)")
_LETTERS = Letters(
    en=Letter(
        "Your report: {dashboard}", ("Here is what your dashboard shows.", "{filters}", "{stop}"), "See it in Artel"
    ),
    ru=Letter(
        "Ваш отчёт: {dashboard}", ("Вот что показывает ваша панель.", "{filters}", "{stop}"), "Посмотреть в Artel"
    ),
)
_STOP = {
    "en": "You asked for this letter; change or stop it on the dashboard's page.",
    "ru": "Вы заказали это письмо; изменить или отменить его можно на странице панели.",
}
_ALL = {"en": "All of the data, without filters.", "ru": "Все данные, без отбора."}
_GONE = {"en": "These figures cannot be shown any more.", "ru": "Эти данные больше нельзя показать."}


async def write_due() -> int:
    """Whatever is due, one after the other. Returns how many were written."""
    written = 0
    while (report := await _take()) is not None:
        written += await _write(report)
    return written


async def _take() -> Report | None:
    """Put off, so that nobody else takes it, and that it is tried again if it cannot be written now."""
    async with transaction("analytics") as session:
        due = select(Report.dashboard_id).where(Report.due_at <= func.now()).order_by(Report.due_at).limit(1)
        this = due.with_for_update(skip_locked=True).scalar_subquery()
        put_off = update(Report).where(Report.dashboard_id == this).values(due_at=func.now() + _LATER)
        return await session.scalar(put_off.returning(Report))


async def _write(report: Report) -> bool:
    async with transaction("analytics") as session:
        stored = await session.get_one(Dashboard, report.dashboard_id)
    dashboard = DashboardRead.model_validate(stored, from_attributes=True)
    try:
        tables = await tables_of(stored.user_id, dashboard)
    except StorageUnavailable:
        _log.warning("a report has to wait", extra={"dashboard": str(dashboard.id)})
        return False
    async with transaction("analytics") as session:
        asked = {"dashboard": dashboard.id, "due": report.due_at, "next": next_due(report, datetime.now(UTC))}
        row = (await session.execute(_SENT, asked)).one()
        if row.address is not None:
            mail = letter(row.address, row.name, row.locale, dashboard, tables)
            queued = {"to": mail.to, "subject": mail.subject, "text": mail.text, "html": mail.html}
            await session.execute(_QUEUE, queued)
        return bool(row.taken)


async def tables_of(user_id: Any, dashboard: DashboardRead) -> list[Table]:
    """Raises StorageUnavailable. What cannot be shown for another reason has no rows."""
    tables: list[Table] = []
    for widget in dashboard.widgets:
        try:
            async with transaction("analytics") as session:
                figures = await widget_data.read(session, user_id, widget, dashboard.filters)
        except (DatasetNotFound, InvalidQuery, QueryTooHeavy):
            tables.append(Table(widget.title, ()))
            continue
        for each in figures:
            title = widget.title if len(figures) == 1 else f"{widget.title}: {each.title}"
            tables.append(_table(title, list(exports.rows_of(each))))
    return tables


def _table(title: str, rows: Sequence[Sequence[Any]]) -> Table:
    shown = [tuple(exports.plain(value) for value in row) for row in rows[: _ROWS + 1]]
    if len(rows) > len(shown):
        shown.append(("…", *[""] * (len(rows[0]) - 1)))
    return Table(title, tuple(shown))


def letter(address: str, name: str, locale: str, dashboard: DashboardRead, tables: Sequence[Table]) -> Mail:
    language = "ru" if locale == "ru" else "en"
    filters = "; ".join(" ".join(line) for line in exports.told(dashboard.filters)) or _ALL[language]
    link = f"{settings().public_url.rstrip('/')}/dashboards/{dashboard.id}"
    words = {"dashboard": dashboard.name, "filters": filters, "stop": _STOP[language]}
    return _LETTERS.to(address, name, locale, link, tables, _GONE[language], **words)
