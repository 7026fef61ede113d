"""What was read of a workbook becomes its dataset, all of it in one transaction. Read again, it takes its former self's place."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from analytics import claims, first_dashboard
from analytics.claims import Claim
from analytics.object_keys import revision_folder
from common.models.analytics import Dataset, DatasetTable, StaleFile, UploadProblem
from common.models.analytics_dashboards import Dashboard

_NAMESPACE = UUID("7b0a4b9e-9c0c-5b8e-8d51-4f7f2f0a6f11")
_STILL_READ = timedelta(minutes=10)
"""So long the files of the reading before are kept for who began a query on them."""


class ReadMeanwhile(RuntimeError):
    """Another reading of the dataset came first: this one has to be done again on top of it."""


def dataset_id_of(claim: Claim) -> UUID:
    """The same for every attempt: a second one overwrites the files of the first."""
    return claim.replaces or uuid5(_NAMESPACE, str(claim.upload_id))


def keep_names(former: Sequence[DatasetTable], tables: Sequence[dict[str, Any]]) -> None:
    """A table with the columns of a former one is that table, on whichever sheet it stands: queries know it by its name."""
    by_columns = {frozenset(column["name"] for column in table.columns): table.name for table in former}
    for table in tables:
        name = by_columns.pop(frozenset(column["name"] for column in table["columns"]), None)
        if name is not None and all(name != other["name"] for other in tables):
            table["name"] = name


async def publish(session: AsyncSession, claim: Claim, before: Dataset | None, read: dict[str, Any]) -> None:
    """The upload's row comes first: its lock and the claim in it keep a worker that lost its lease out."""
    counts = {name: sum(table[name] for table in read["tables"]) for name in ("rows", "refused")}
    await claims.write(
        session,
        claim,
        state="done",
        percent=100,
        rows_read=counts["rows"],
        rows_refused=counts["refused"],
        problems_count=read["problems_count"],
        error=None,
        claimed_until=None,
        finished_at=func.now(),
    )
    told = wanted_of(before)
    tables = [_table_row(claim, position, table, told) for position, table in enumerate(read["tables"], start=1)]
    if before is None:
        await _create(session, claim, read, tables)
    else:
        await _replace(session, claim, before, read, tables)
    if read["problems"]:
        problems = [{"upload_id": claim.upload_id, "position": i, **p} for i, p in enumerate(read["problems"], start=1)]
        await session.execute(insert(UploadProblem), problems)


def wanted_of(before: Dataset | None) -> dict[str, dict[str, Any]]:
    """What was told of columns, by table and name."""
    return {} if before is None else before.told if before.wanted is None else before.wanted


async def _create(session: AsyncSession, claim: Claim, read: dict[str, Any], tables: list[dict[str, Any]]) -> None:
    dataset_id = dataset_id_of(claim)
    dataset = {"id": dataset_id, "user_id": claim.user_id, "upload_id": claim.upload_id, "notes": read["notes"]}
    name = claim.filename.rsplit(".", 1)[0] or claim.filename
    await session.execute(insert(Dataset).values(**dataset, name=name, problems_count=read["problems_count"]))
    await session.execute(insert(DatasetTable), tables)
    made = {"user_id": claim.user_id, "dataset_id": dataset_id, "name": name[:200], "filters": {"columns": []}}
    await session.execute(insert(Dashboard).values(**made, widgets=_widgets(dataset_id, tables)))


async def _replace(
    session: AsyncSession, claim: Claim, before: Dataset, read: dict[str, Any], tables: list[dict[str, Any]]
) -> None:
    stale = {"bucket": claim.bucket, "key": revision_folder(before.id, before.upload_id, before.revision)}
    await session.execute(insert(StaleFile).values(**stale, since=func.now() + _STILL_READ))
    await session.execute(delete(UploadProblem).where(UploadProblem.upload_id == claim.upload_id))
    await session.execute(delete(DatasetTable).where(DatasetTable.dataset_id == before.id))
    values: dict[str, Any] = {"told": wanted_of(before), "wanted": None, "revision": before.revision + 1}
    values |= {"notes": read["notes"], "problems_count": read["problems_count"], "upload_id": claim.upload_id}
    as_read = (Dataset.id == before.id, Dataset.revision == before.revision)
    changed = await session.scalar(update(Dataset).where(*as_read).values(values).returning(Dataset.id))
    if changed is None:
        raise ReadMeanwhile(f"dataset {before.id}, revision {before.revision}")
    await session.execute(insert(DatasetTable), tables)
    # One that nobody has touched follows the columns' new kinds.
    own = (Dashboard.dataset_id == before.id, Dashboard.version == 1)
    await session.execute(update(Dashboard).where(*own).values(widgets=_widgets(before.id, tables)))


def _widgets(dataset_id: UUID, tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    widgets = first_dashboard.widgets(dataset_id, tables)
    return [widget.model_dump(mode="json", by_alias=True, exclude_unset=True) for widget in widgets]


def _table_row(claim: Claim, position: int, table: dict[str, Any], told: dict[str, dict[str, Any]]) -> dict[str, Any]:
    of_columns = told.get(table["name"], {})
    return {
        "dataset_id": dataset_id_of(claim),
        "position": position,
        **{name: table[name] for name in ("name", "sheets", "hidden", "rows", "notes", "key", "etag")},
        "rows_refused": table["refused"],
        "bucket": claim.bucket,
        "columns": [described(_column(each), of_columns.get(each["name"], {})) for each in table["columns"]],
    }


def _column(column: dict[str, Any]) -> dict[str, Any]:
    kind = column["type"]
    return {
        "name": column["name"],
        "type": kind["name"],
        "scale": kind["scale"],
        "read_role": kind["role"],
        "note": kind["note"],
        "profile": column["profile"],
    }


def described(column: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """The column as it is stored, with what was told of it in place of what was read."""
    return column | {
        "title": told.get("title", column["name"]),
        "unit": told.get("unit"),
        "role": told.get("role", column["read_role"]),
        "told": "type" in told,
    }


async def give_up(session: AsyncSession, claim: Claim, reason: str) -> None:
    """A dataset that was to be read again, or to have another workbook, stays as it is."""
    before = await session.scalar(select(Dataset).where(Dataset.upload_id == claim.upload_id))
    ended = {"error": reason, "claimed_until": None, "finished_at": func.now()}
    if before is None:
        await claims.write(session, claim, state="failed", **ended)
    else:
        rows = select(func.sum(DatasetTable.rows)).where(DatasetTable.dataset_id == before.id).scalar_subquery()
        await claims.write(session, claim, state="done", percent=100, rows_read=rows, **ended)
        await session.execute(update(Dataset).where(Dataset.id == before.id).values(wanted=None))
