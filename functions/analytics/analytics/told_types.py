"""A column's type as a person has told it: the cells have to follow, and those that cannot are problems."""

from dataclasses import dataclass

from analytics.column_types import MAX_DECIMAL, ColumnType, TypeName, is_identifier, number_role
from analytics.evidence import Evidence

FAMILIES = {
    "YYYY-MM-DD": ("iso", "iso_time", "iso_zone"),
    "DD.MM.YYYY": ("dotted", "dotted_time"),
    "MM/DD/YYYY": ("month_first", "month_first_time"),
    "DD/MM/YYYY": ("day_first", "day_first_time"),
}
"""Ways to write dates as people tell them, and the styles of texts that are meant."""


@dataclass(frozen=True, slots=True)
class ToldType:
    """`date_format` (one of FAMILIES) and `decimal_mark` are for texts among the cells that could be read in two ways."""

    type: TypeName
    date_format: str | None = None
    decimal_mark: str | None = None


def as_told(told: ToldType, evidence: Evidence, title: str, *, date1904: bool) -> ColumnType:
    match told.type:
        case "date" | "datetime":
            styles = FAMILIES[told.date_format] if told.date_format else _date_styles(evidence)
            return ColumnType(told.type, "time", date_styles=styles, serials="1904" if date1904 else "1900")
        case "integer" | "decimal" | "float":
            return _number(told, evidence, title)
        case "text":
            return ColumnType("text", "identifier" if is_identifier(title) else "dimension")
    return ColumnType(told.type, "dimension")


def _date_styles(evidence: Evidence) -> tuple[str, ...]:
    """Every style that occurs; of the two with slashes only the one that more cells can follow, if there is one."""
    found = {name: evidence.date_texts[name] for name in evidence.date_texts if evidence.date_texts[name]}
    slashed = {family: sum(found.get(name, 0) for name in FAMILIES[family]) for family in ("MM/DD/YYYY", "DD/MM/YYYY")}
    month_first, day_first = slashed.values()
    loser = [family for family, count in slashed.items() if count <= min(month_first, day_first)]
    left_out = {name for family in loser for name in FAMILIES[family]}
    return tuple(name for name in found if name not in left_out)


def _number(told: ToldType, evidence: Evidence, title: str) -> ColumnType:
    numerals = evidence.numerals
    style = told.decimal_mark or ("comma" if numerals.not_comma < numerals.not_point else "point")
    scale = max(evidence.scale, numerals.scale[style])
    role = number_role(told.type, title)
    if told.type == "decimal" and max(evidence.whole_digits, numerals.digits) + scale > MAX_DECIMAL:
        note = f"numbers of more than {MAX_DECIMAL} digits cannot be decimals and were read as floats"
        return ColumnType("float", role, numeral_style=style, note=note)
    return ColumnType(told.type, role, scale if told.type == "decimal" else 0, style)
