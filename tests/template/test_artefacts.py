"""The packages that `make build` makes: whole, compiled, and no larger than Lambda takes."""

import ast
import subprocess
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from tools import build
from tools.artefacts import BOTOCORE_SERVICES
from tools.template import resources

pytestmark = pytest.mark.xdist_group("deployed")  # the tests of the deployed stack build too

FUNCTIONS = resources("AWS::Serverless::Function")
UNCHECKED_HASH = 0b01
IN_A_LAYER = {"StatisticsLayer": {"numpy", "pandas"}, "PrintingLayer": {"PIL", "pypdfium2", "reportlab"}}
"""What the analytics functions, of one code, import only where they have that layer."""
OURS = {"CommonLayer": "python/common", "MigrationFunction": "."}
"""Where our own code is in an artefact; elsewhere in the folder named after the group."""


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    build.build_if_stale()


def artefact(function: str) -> Path:
    return build.BUILD / build.TWINS.get(function, function)


def named(file: Path) -> set[str]:
    """Every module that a file names in an import, at the top or in a function; not those for types alone."""
    found = set()
    tree = ast.parse(file.read_text())
    for branch in [node for node in ast.walk(tree) if isinstance(node, ast.If)]:
        if ast.unparse(branch.test) == "TYPE_CHECKING":
            branch.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            if node.module == "common":
                found |= {f"common.{alias.name}" for alias in node.names}
    return found


def imported(folder: Path) -> set[str]:
    """What the code there names, and what that of the layer names which it uses."""
    files = [
        file
        for file in folder.rglob("*.py")
        if not {"site-packages", "alembic", "mako", "markupsafe"} & set(file.relative_to(folder).parts)
    ]
    found: set[str] = set()
    seen: set[Path] = set()
    while files:
        file = files.pop()
        if file in seen:
            continue
        seen.add(file)
        new = named(file) - found
        found |= new
        files += [place for name in new if name.startswith("common.") and (place := shared(name)) is not None]
    return found


def shared(name: str) -> Path | None:
    place = build.BUILD / build.LAYER / "python" / Path(*name.split("."))
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.exists()), None)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_finds_all_it_imports_in_its_package_and_the_layer(function: str) -> None:
    """Emulators run functions with the packages of whoever runs them beside; Lambda does not."""
    module = FUNCTIONS[function]["Handler"].rpartition(".")[0]
    ours = artefact(function) / OURS.get(function, module.split(".")[0])
    layers = build.layers_of(function)
    elsewhere = {"uvicorn"}
    if artefact(function).name == "AnalyticsFunction":
        elsewhere.update(*(names for layer, names in IN_A_LAYER.items() if layer not in layers))
    wanted = sorted({name for name in imported(ours) if name.split(".")[0] not in elsewhere} | {module})
    places = [str(artefact(function)), *(str(build.BUILD / layer / "python") for layer in layers)]
    program = f"import importlib, sys; sys.path[:0] = {places}\nfor name in {wanted}: importlib.import_module(name)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["AuthFunction", "AnalyticsFunction", "MigrationFunction", build.LAYER])
def test_everything_is_compiled_and_trusted_as_it_is(name: str) -> None:
    for source in (build.BUILD / name).rglob("*.py"):
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        head = compiled.read_bytes()[:8]
        assert head[:4] == MAGIC_NUMBER, source
        assert int.from_bytes(head[4:], "little") == UNCHECKED_HASH, source


def test_no_package_is_in_a_function_and_in_the_layer() -> None:
    shared = {info.name for info in (build.BUILD / build.LAYER / "python").glob("*.dist-info")}
    for function in FUNCTIONS:
        assert shared & {info.name for info in artefact(function).glob("*.dist-info")} == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_with_its_layers_is_not_too_large(function: str) -> None:
    parts = [artefact(function), *(build.BUILD / layer for layer in build.layers_of(function))]
    assert sum(map(build.unpacked, parts)) < build.UNPACKED_LIMIT


def test_of_the_aws_services_the_layer_has_those_that_the_code_calls() -> None:
    places = (build.ROOT / folder for folder in ("layers", "functions", "migrations"))
    sources = [file.read_text() for place in places for file in place.rglob("*.py")]
    called = {part.split('"')[1] for text in sources for part in text.split("boto3.client(")[1:]}
    assert called <= BOTOCORE_SERVICES
