"""`sam deploy` of the built template to an emulator of AWS: its parameters, its progress, why it failed."""

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from sqlalchemy.engine import make_url

from server.stack import MAIL_FROM, RATE_LIMITS
from tools import build
from tools.template import resources

_RESOURCE_DONE = re.compile(r"^(CREATE|UPDATE)_COMPLETE ")
_DEAD = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}


class DeploymentFailed(Exception):
    """The stack's own reasons, one a line."""


@dataclass(frozen=True)
class Deployment:
    """`origin` is the page's; `database_url` the owner's; `endpoint` is where the functions reach the emulator."""

    stack: str
    origin: str
    database_url: str
    endpoint: str

    @property
    def parameters(self) -> dict[str, str]:
        url = make_url(self.database_url)
        options = "&".join(f"{name}={value}" for name, value in url.query.items())
        return {
            "Environment": "local",
            "SiteOrigin": self.origin,
            "MailFrom": MAIL_FROM,
            "DatabaseHost": url.host or "localhost",
            "DatabasePort": str(url.port or 5432),
            "DatabaseName": url.database or "artel",
            "DatabaseUser": url.username or "postgres",
            "DatabaseOptions": options or "sslmode=prefer",
            "DatabaseSecretArn": owner_secret(self.stack, url.username, url.password) if url.password else "",
            "RateLimits": RATE_LIMITS,
            "AwsEndpointUrl": self.endpoint,
        }


def owner_secret(stack: str, username: str | None, password: str) -> str:
    """The ARN of the secret that the owner's password is in, as RDS would keep it."""
    client = boto3.client("secretsmanager")
    name, text = f"{stack}-owner", json.dumps({"username": username, "password": password})
    try:
        return str(client.create_secret(Name=name, SecretString=text)["ARN"])
    except client.exceptions.ResourceExistsException:
        return str(client.put_secret_value(SecretId=name, SecretString=text)["ARN"])


def deploy(what: Deployment, environment: Mapping[str, str], progress: Callable[[str], None]) -> dict[str, str]:
    """Deploy what `tools.build` has built and return the stack's outputs. `progress` hears of each finished resource."""
    _delete_dead(what.stack)
    boto3.client("ses").verify_email_identity(EmailAddress=MAIL_FROM)
    given = [f"{name}={value}" for name, value in what.parameters.items() if value]
    command = [
        *("sam", "deploy", "--template-file", str(build.BUILD / "template.yaml"), "--stack-name", what.stack),
        *("--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"),
        *("--no-progressbar", "--parameter-overrides", *given),
    ]
    # `sam` asks AWS every five seconds how far it is; a server on this machine may be asked more often.
    with subprocess.Popen(
        command,
        cwd=build.ROOT,
        env={**environment, "SAM_CLI_POLL_DELAY": "0.3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line)
            if _RESOURCE_DONE.match(line):
                progress(line.split()[1])
    if process.returncode:
        raise DeploymentFailed(failure_reasons(what.stack) or "".join(lines[-15:]))
    outputs = _outputs(what.stack)
    _repeat_cors(outputs["ApiId"], what.origin)
    return outputs


def failure_reasons(stack: str) -> str:
    """What went wrong first; the failures that follow from it ("cancelled") are left out."""
    client = boto3.client("cloudformation")
    try:
        pages = client.get_paginator("describe_stack_events").paginate(StackName=stack)
        events = [event for page in pages for event in page["StackEvents"]]
    except client.exceptions.ClientError:
        return ""
    failed = [e for e in reversed(events) if e["ResourceStatus"].endswith("_FAILED")]
    reasons = [f"{e['LogicalResourceId']}: {e.get('ResourceStatusReason', '')}" for e in failed]
    return "\n".join(reason for reason in dict.fromkeys(reasons) if "cancelled" not in reason)


def _delete_dead(stack: str) -> None:
    """A stack whose first deployment failed can only be deleted."""
    client = boto3.client("cloudformation")
    try:
        status = client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    except client.exceptions.ClientError:
        return
    if status in _DEAD:
        client.delete_stack(StackName=stack)
        client.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})


def _outputs(stack: str) -> dict[str, str]:
    described = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def _repeat_cors(api_id: str, origin: str) -> None:
    """ministack keeps a template's CORS rules under names that it does not look for; said through the API, they hold."""
    declared: dict[str, Any] = resources("AWS::ApiGatewayV2::Api")["HttpApi"]["CorsConfiguration"]
    rules: Any = declared | {"AllowOrigins": [origin]}
    boto3.client("apigatewayv2").update_api(ApiId=api_id, CorsConfiguration=rules)
