"""Package the functions and the layer: `sam build`, then take out what Lambda won't need and compile the rest.

`sam build` leaves bytecode out and /var/task is read-only, so without this every cold start would compile every module
it imports. Nothing happens when the sources are those of the last build; `--force` builds all the same.
"""

import argparse
import compileall
import hashlib
import os
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from py_compile import PycInvalidationMode

from tools import artefacts
from tools.template import resources

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".aws-sam" / "build"
DIGEST = BUILD / "sources.sha256"
SOURCES = ("template.yaml", "layers", "functions", "migrations", "tools/build.py", "tools/artefacts.py")
LAYER = "CommonLayer"
OTHER_LAYERS = ("StatisticsLayer", "PrintingLayer")
TWINS = {
    "UploadFunction": "AnalyticsFunction",
    "IssuerFunction": "AuthFunction",
    "AuthBackgroundFunction": "AuthFunction",
    "MoneyBackgroundFunction": "MoneyFunction",
    "PostsBackgroundFunction": "PostsFunction",
    "AnalyticsBackgroundFunction": "AnalyticsFunction",
}
"""Functions of the same code: one artefact serves both, and is zipped and uploaded once."""
UNPACKED_LIMIT = 250 * 1024 * 1024  # Lambda's, for a function and its layers together


def layers_of(function: str) -> list[str]:
    """As the template has them."""
    return [each["Ref"] for each in resources("AWS::Serverless::Function")[function].get("Layers", [])]


def environment() -> dict[str, str]:
    """The tools of this environment first: `sam build` looks for python3.13 and its pip on PATH."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    # The region only keeps `sam` from asking for one; nothing is sent anywhere.
    region = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
    return os.environ | {"PATH": path, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": region}


def source_files() -> Iterator[Path]:
    for name in SOURCES:
        place = ROOT / name
        yield from [place] if place.is_file() else sorted(place.rglob("*"))


def digest() -> str:
    """Changes whenever a packaged file, the template or the way of packaging does."""
    total = hashlib.sha256(sys.version.encode())
    for file in source_files():
        if file.is_file() and "__pycache__" not in file.parts:
            total.update(f"{file.relative_to(ROOT)}\0".encode())
            total.update(file.read_bytes() + b"\0")
    return total.hexdigest()


def is_fresh() -> bool:
    return DIGEST.exists() and DIGEST.read_text() == digest()


def compile_all(folder: Path) -> None:
    """Bytecode that Python trusts without a look at the source's time, which unzipping does not keep."""
    done = compileall.compile_dir(
        folder,
        quiet=1,
        force=True,
        workers=os.cpu_count() or 1,
        stripdir=str(folder),
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        sys.exit(f"{folder.name}: a packaged module does not compile")


def unpacked(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def check_size() -> None:
    for function in resources("AWS::Serverless::Function"):
        whole = sum(unpacked(BUILD / part) for part in (TWINS.get(function, function), *layers_of(function)))
        if whole > UNPACKED_LIMIT:
            sys.exit(f"{function} and its layers have {whole / 2**20:.0f} MiB unpacked; Lambda takes 250 MiB")


def zipped(folder: Path) -> int:
    contents = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return sum(pool.map(lambda content: len(zlib.compress(content)), contents))


def report() -> None:
    """Print what each artefact weighs."""
    for folder in sorted(place for place in BUILD.iterdir() if place.is_dir()):
        print(f"  {folder.name:20} {unpacked(folder) / 1e6:7.1f} MB unpacked {zipped(folder) / 1e6:7.1f} MB zipped")


def merge_twins() -> None:
    template = BUILD / "template.yaml"
    text = template.read_text()
    for twin, original in TWINS.items():
        shutil.rmtree(BUILD / twin)
        text = text.replace(f"CodeUri: {twin}\n", f"CodeUri: {original}\n")
    template.write_text(text)


def build_if_stale() -> bool:
    """Build unless the last build is of these very sources. Returns whether it built."""
    if is_fresh():
        return False
    build()
    return True


def build() -> None:
    """Package everything into .aws-sam/build."""
    made_of = digest()  # before the build: a file saved while it runs makes it stale
    shutil.rmtree(BUILD, ignore_errors=True)
    command = ["sam", "build", "--cached", "--parallel", "--template", str(ROOT / "template.yaml")]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    merge_twins()
    folders = sorted(place for place in BUILD.iterdir() if place.is_dir())
    for folder in folders:
        if folder.name != LAYER:
            packages = folder / "python" if folder.name in OTHER_LAYERS else folder
            artefacts.drop_what_the_layer_has(packages, BUILD / LAYER / "python")
    for folder in folders:
        artefacts.drop_needless(folder)
        compile_all(folder)
    check_size()
    DIGEST.write_text(made_of)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--force", action="store_true", help="build although nothing has changed")
    if is_fresh() and not parser.parse_args().force:
        print("build: nothing has changed")
        return 0
    started = time.monotonic()
    build()
    report()
    print(f"build: {BUILD.relative_to(ROOT)} in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
