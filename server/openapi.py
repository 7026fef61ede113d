"""One OpenAPI document of all groups: what `/openapi.json` shows, and what the page's client is generated from."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from common.settings import Group

Document = dict[str, Any]
_SCHEMA = "#/components/schemas/"
_ABOUT = (
    "Accounts, money, posts and analytics. Sign in with `POST /v1/auth/login`, then send "
    "`Authorization: Bearer <access token>`. Errors are RFC 9457 problem details whose `code` is stable."
)


def merged(apps: Mapping[Group, FastAPI]) -> Document:
    """Paths and components of every app. A schema that two groups define differently carries its group's name."""
    documents: dict[str, Document] = {group: _copy(app.openapi()) for group, app in apps.items()}
    clashing = _clashing(documents)
    paths: Document = {}
    components: dict[str, Document] = defaultdict(dict)
    for group, document in documents.items():
        renamed = _renamed(document, {name: f"{group.capitalize()}{name}" for name in clashing})
        paths |= renamed.get("paths", {})
        for kind, parts in renamed.get("components", {}).items():
            components[kind] |= parts
    return {
        "openapi": "3.1.0",
        "info": {"title": "Artel", "version": version("artel"), "description": _ABOUT},
        "paths": _with_bearer(paths, components),
        "components": {kind: dict(sorted(parts.items())) for kind, parts in sorted(components.items())},
    }


def _copy(document: Document) -> Document:
    """FastAPI keeps the document it returns."""
    copied: Document = json.loads(json.dumps(document))
    return copied


def _clashing(documents: Mapping[str, Document]) -> set[str]:
    """Equal definitions, such as the problem document, are one. What refers to a clashing schema clashes too."""
    schemas = [document.get("components", {}).get("schemas", {}) for document in documents.values()]
    seen: dict[str, set[str]] = defaultdict(set)
    for part in schemas:
        for name, schema in part.items():
            seen[name].add(json.dumps(schema, sort_keys=True))
    clashing = {name for name, forms in seen.items() if len(forms) > 1}
    shared = {name for name in seen if sum(name in part for part in schemas) > 1}
    while more := {name for name in shared - clashing if any(f'"{_SCHEMA}{c}"' in min(seen[name]) for c in clashing)}:
        clashing |= more
    return clashing


def _renamed(document: Document, names: Mapping[str, str]) -> Document:
    if not names:
        return document
    pattern = re.compile(rf'"{re.escape(_SCHEMA)}({"|".join(map(re.escape, names))})"')
    text = pattern.sub(lambda match: f'"{_SCHEMA}{names[match[1]]}"', json.dumps(document))
    renamed: Document = json.loads(text)
    schemas = renamed.get("components", {}).get("schemas", {})
    renamed.get("components", {})["schemas"] = {names.get(name, name): schema for name, schema in schemas.items()}
    return renamed


def _with_bearer(paths: Document, components: dict[str, Document]) -> Document:
    """Tools that can't follow OpenID Connect discovery, the documentation page among them, can take a pasted token."""
    components["securitySchemes"]["Bearer"] = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    for operations in paths.values():
        for operation in operations.values():
            if operation.get("security"):
                operation["security"].append({"Bearer": []})
    return paths
