"""`make deploy-local`: build, then `sam deploy` to an emulator of AWS. `python -m tools.deploy_local --help`.

The emulator is the one that AWS_ENDPOINT_URL names, else the one that answers on port 4566, else ministack is started,
and an embedded PostgreSQL with it. What was started stays, so that the next run updates the same stack; `--stop` ends
it, and its data is in .local/deploy. For an emulator that was there DATABASE_URL names the database as its functions
see it; without, it is the one of docker-compose.localstack.yml.
"""

import argparse
import json
import os
import signal
import sys
import urllib.request
from http import HTTPStatus
from pathlib import Path

from sqlalchemy.engine import make_url

from server import emulator, postgres, running
from server.console import complain, say, step
from server.processes import Child, Record, find
from server.run_as import CannotStart
from server.stack import CHECKOUT
from tools import build
from tools.deployment import Deployment, DeploymentFailed, deploy

DATA = CHECKOUT / ".local" / "deploy"
USUAL = "http://localhost:4566"


class Parts:
    """What this command has started, here or in an earlier run; where it answers stands beside the processes' records."""

    def __init__(self, data: Path) -> None:
        self.data, self.records = data, data / "run"
        self.records.mkdir(parents=True, exist_ok=True)

    def running(self, name: str) -> str | None:
        """The URL of a part that still runs."""
        try:
            process = find(Record(**json.loads((self.records / f"{name}.json").read_text())))
            return (self.records / f"{name}.url").read_text() if process else None
        except (OSError, ValueError, TypeError):
            return None

    def _started(self, name: str, url: str) -> str:
        (self.records / f"{name}.url").write_text(url)
        return url

    def endpoint(self) -> str:
        known = self.running("aws")
        if known:
            return known
        cloud = emulator.Emulator(self.data / "aws", self.records)
        cloud.launch()
        cloud.wait()
        return self._started("aws", cloud.url)

    def database(self) -> str:
        known = self.running("postgres")
        return known or self._started("postgres", postgres.start(self.data / "postgres", self.records, CHECKOUT).url)

    def stop(self) -> bool:
        parts = (("aws", "ministack", signal.SIGTERM), ("postgres", "postgres", signal.SIGINT))
        stopped = [Child(name, program, self.records, gently).stop_leftover() for name, program, gently in parts]
        return any(stopped)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - a constant http URL
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


def found_endpoint(parts: Parts) -> str | None:
    """An emulator that somebody else runs."""
    given = os.environ.get("AWS_ENDPOINT_URL")
    if given or parts.running("aws"):
        return given
    # `make up` has an emulator of its own, which its `make reset` empties.
    return None if running.url(CHECKOUT / ".local") or not answers(f"{USUAL}/_localstack/health") else USUAL


def composed_database() -> str:
    """The one of docker-compose.localstack.yml, by the name it has in the containers that run the functions."""
    return f"postgresql://artel:{os.environ.get('POSTGRES_PASSWORD') or 'artel'}@postgres:5432/artel"


def run(origin: str, stack: str) -> dict[str, str]:
    """Everything up to a deployed stack. Returns its outputs and where its API answers."""
    parts = Parts(DATA)
    with step("packages") as words:
        words.append("built" if build.build_if_stale() else "up to date")
    with step("AWS emulator") as words:
        found = found_endpoint(parts)
        endpoint = found or parts.endpoint()
        words.append(f"{'found' if found else 'ministack'} on {endpoint}")
    with step("PostgreSQL") as words:
        database = os.environ.get("DATABASE_URL") or (composed_database() if found else parts.database())
        words.append(f"{make_url(database).render_as_string()}")
    environment = emulator.client_environment(endpoint)
    os.environ.update(environment)
    what = Deployment(stack, origin, database, os.environ.get("LAMBDA_ENDPOINT_URL", endpoint))
    with step("stack") as words:
        done: list[str] = []
        outputs = deploy(what, build.environment() | environment, done.append)
        words.append(f"{len(done)} resources changed" if done else "no change")
    return outputs | {"Url": f"{endpoint}/_aws/execute-api/{outputs['ApiId']}"}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.deploy_local", description=__doc__)
    parser.add_argument("--origin", default="http://localhost:8000", help="of the page (http://localhost:8000)")
    parser.add_argument("--stack", default="artel", help="its name (artel)")
    parser.add_argument("--stop", action="store_true", help="end the emulator and the database that this has started")
    return parser.parse_args()


def main() -> int:
    options = _options()
    if options.stop:
        say("Stopped." if Parts(DATA).stop() else "Nothing was running.")
        return 0
    say("\nArtel on an emulator of AWS\n")
    try:
        outputs = run(options.origin, options.stack)
    except DeploymentFailed as error:
        complain(f"The stack was not deployed.\n{error}")
        return 1
    except CannotStart as error:
        complain(str(error))
        return 1
    (DATA / "outputs.json").write_text(json.dumps(outputs, indent=2) + "\n")
    say(f"""
  The API answers:  {outputs["Url"]}/v1/posts
  as AWS names it   {outputs["ApiUrl"]}/v1/posts
  issuer            {outputs["Issuer"]}
  uploads bucket    {outputs["UploadsBucket"]}
  with the page     `make page-deployed`
  to end it         `make undeploy-local`
""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
