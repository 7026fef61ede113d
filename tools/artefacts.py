"""What a packaged artefact need not carry."""

import csv
import shutil
from pathlib import Path

BOTOCORE_SERVICES = {"kms", "lambda", "s3", "secretsmanager", "ses", "sesv2", "sqs", "sts"}
"""The AWS services our code calls; botocore brings the models of all the others too, 25 MB of them."""

_NEEDLESS_SUFFIXES = {".c", ".h", ".hpp", ".pxd", ".pxi", ".pyi", ".pyx"}
_OURS = {"analytics", "auth", "common", "money", "posts", "versions"}


def _distributions(folder: Path) -> dict[str, Path]:
    return {info.name: info for info in folder.glob("*.dist-info")}


def _name(distribution: str) -> str:
    return distribution.rsplit("-", 1)[0].lower()


def drop_what_the_layer_has(function: Path, layer: Path) -> None:
    """pip packages a dependency's dependencies too, and /var/task would shadow the layer's copy of them."""
    shared = _distributions(layer)
    versions = {_name(info): info for info in shared}
    for name, info in _distributions(function).items():
        other = versions.get(_name(name))
        if other is None:
            continue
        if name not in shared:
            raise SystemExit(f"{function.name} packages {name[:-10]}, the layer {other[:-10]}: run `make requirements`")
        with (info / "RECORD").open(newline="") as record:
            for row in csv.reader(record):
                (function / row[0]).unlink(missing_ok=True)
        shutil.rmtree(info)
    _drop_empty_folders(function)


def drop_needless(folder: Path) -> None:
    """Tests, type stubs and C sources of the packages, and the models of AWS services that nobody calls."""
    for place in sorted(folder.rglob("tests"), reverse=True):
        if place.is_dir() and not _OURS & set(place.relative_to(folder).parts):
            shutil.rmtree(place)
    for file in [file for file in folder.rglob("*") if file.suffix in _NEEDLESS_SUFFIXES]:
        file.unlink()
    for service in [place for place in folder.glob("python/botocore/data/*") if place.is_dir()]:
        if service.name not in BOTOCORE_SERVICES:
            shutil.rmtree(service)
    _drop_empty_folders(folder)


def _drop_empty_folders(folder: Path) -> None:
    for place, _, _ in sorted(folder.walk(top_down=False), key=lambda found: len(found[0].parts), reverse=True):
        if place != folder and not any(place.iterdir()):
            place.rmdir()
