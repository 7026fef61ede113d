"""Tables become Parquet files, written and read by DuckDB."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROW_COLUMN = "_row"
"""The row's number on its sheet; not among the columns that people see."""
SHEET_COLUMN = "_sheet"
"""Of a table from several sheets: which one the row stands on."""
_SQL_TYPES = {
    "integer": "BIGINT", "float": "DOUBLE", "text": "VARCHAR", "boolean": "BOOLEAN",
    "date": "DATE", "datetime": "TIMESTAMP", "time": "TIME",
}  # fmt: skip
_MAX_LINE = 64 * 1024 * 1024
MEMORY_LIMIT = "512MB"


def connect(directory: Path) -> "DuckDBPyConnection":
    """An empty database in memory that may spill to `directory` and installs nothing."""
    import duckdb

    return duckdb.connect(
        ":memory:",
        config={
            "memory_limit": MEMORY_LIMIT,
            "threads": 2,
            "temp_directory": str(directory),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "enable_external_file_cache": False,  # the files are on this disk already
        },
    )


def lock(connection: "DuckDBPyConnection", files: list[Path]) -> None:
    """From here on, SQL reaches these files, no other and no network, and cannot lift the limits."""
    connection.execute(f"SET allowed_paths = [{', '.join(literal(str(file)) for file in files)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def sql_type(column: dict[str, Any]) -> str:
    """Of a column as the reader describes it. Decimals are exact: 38 digits, `scale` of them after the point."""
    return f"DECIMAL(38, {column['scale']})" if column["name"] == "decimal" else _SQL_TYPES[column["name"]]


def write_parquet(csv: Path, columns: list[dict[str, Any]], parquet: Path) -> None:
    """`columns` are the reader's: {"name", "type": {"name", "scale", …}}. Types are given, never sniffed."""
    types = {ROW_COLUMN: "BIGINT"} | {column["name"]: sql_type(column["type"]) for column in columns}
    options = "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = ''"
    options += ", allow_quoted_nulls = false, parallel = false, max_line_size = ?"
    source = f"SELECT * FROM read_csv(?, columns = ?, {options})"  # noqa: S608 - constants
    target = f"{literal(str(parquet))} (FORMAT parquet, COMPRESSION zstd)"
    with connect(parquet.parent) as connection:
        connection.execute(f"COPY ({source}) TO {target}", [str(csv), types, _MAX_LINE])
