"""One document out of four: names that clash are kept apart, names that agree are one."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, create_model

from common.settings import GROUPS
from server.groups import load
from server.openapi import merged
from tools.openapi import FILE, current


def _app(path: str, model: type[BaseModel]) -> FastAPI:
    app = FastAPI()

    @app.get(path, response_model=model)
    async def read() -> None: ...

    return app


def _references(document: Any) -> set[str]:
    if isinstance(document, dict):
        own = {document["$ref"]} if "$ref" in document else set()
        return own.union(*map(_references, document.values()))
    return set().union(*map(_references, document)) if isinstance(document, list) else set()


def test_equal_schemas_are_one_and_different_ones_carry_their_group() -> None:
    same = create_model("Same", x=(int, ...))
    one = create_model("Order", same=(same, ...), text=(str, ...))
    other = create_model("Order", same=(same, ...), number=(int, ...))
    document = merged({"money": _app("/v1/money", one), "posts": _app("/v1/posts", other)})
    names = document["components"]["schemas"].keys()
    assert {"Same", "MoneyOrder", "PostsOrder"} == set(names)
    assert _references(document["paths"]["/v1/posts"]) == {"#/components/schemas/PostsOrder"}


def test_what_refers_to_clashing_schemas_is_kept_apart_too() -> None:
    lists = []
    for kind in (int, str):
        line = create_model("Line", value=(kind, ...))
        lists.append(create_model("Lines", items=(list[line], ...)))
    document = merged({"auth": _app("/v1/auth", lists[0]), "money": _app("/v1/money", lists[1])})
    assert set(document["components"]["schemas"]) == {"AuthLine", "AuthLines", "MoneyLine", "MoneyLines"}
    assert document["components"]["schemas"]["MoneyLines"]["properties"]["items"]["items"] == {
        "$ref": "#/components/schemas/MoneyLine"
    }


def test_every_reference_leads_somewhere() -> None:
    document = merged({group: load(group) for group in GROUPS})
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert _references(document) <= known


def test_operation_ids_are_unique() -> None:
    document = merged({group: load(group) for group in GROUPS})
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))


def test_the_committed_description_is_what_the_code_says() -> None:
    assert FILE.read_text() == current(), "run `make openapi`"
