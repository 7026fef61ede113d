"""What template.yaml must keep true and no linter knows."""

import json
import re
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from common.settings import GROUPS, Settings
from tools.template import resources, template

ROOT = Path(__file__).parents[2]
FUNCTIONS = resources("AWS::Serverless::Function")
SECRETS = {
    "AuthFunction": {"AuthDatabaseSecret", "AuthSecretKey", "OidcProvidersSecretArn"},
    "AuthBackgroundFunction": {"AuthDatabaseSecret", "AuthSecretKey"},
    "MoneyFunction": {"MoneyDatabaseSecret", "MoneySecretKey", "PaymentSecretsArn"},
    "MoneyBackgroundFunction": {"MoneyDatabaseSecret", "MoneySecretKey", "PaymentSecretsArn"},
    "PostsFunction": {"PostsDatabaseSecret"},
    "PostsBackgroundFunction": {"PostsDatabaseSecret"},
    "AnalyticsFunction": {"AnalyticsDatabaseSecret"},
    "AnalyticsBackgroundFunction": {"AnalyticsDatabaseSecret"},
    "UploadFunction": {"AnalyticsDatabaseSecret"},
    "MigrationFunction": {
        *(f"{group.title()}DatabaseSecret" for group in GROUPS),
        "DatabaseSecretArn",
    },
    "IssuerFunction": set(),
}


def mentioned(value: Any) -> set[str]:
    """Logical ids that a part of the template refers to, by whatever function."""
    if isinstance(value, list):
        return set[str]().union(*map(mentioned, value))
    if not isinstance(value, dict):
        return set()
    found: set[str] = set()
    for name, inner in value.items():
        if name == "Ref":
            found.add(inner.split(".")[0])
        elif name == "Fn::GetAtt":
            found.add(inner[0])
        elif name == "Fn::Sub":
            found |= {each.split(".")[0] for each in re.findall(r"\$\{([^!}]+)\}", str(inner))}
        else:
            found |= mentioned(inner)
    return {name for name in found if not name.startswith("AWS::")}


def statements(function: str) -> list[dict[str, Any]]:
    """All that a function's role allows, of conditional policies what they allow when the condition holds."""
    found = []
    for policy in FUNCTIONS[function]["Policies"]:
        found += policy.get("Statement", policy.get("Fn::If", [None, {}])[1].get("Statement"))
    return found


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_nothing_depends_on_itself() -> None:
    """A bucket that notifies a function whose environment names the bucket does, and `sam validate` does not see it."""
    declared = template()["Resources"]
    graph = {
        name: (mentioned(resource.get("Properties")) | {*as_list(resource.get("DependsOn", []))}) & declared.keys()
        for name, resource in declared.items()
    }
    assert set(TopologicalSorter(graph).static_order()) == declared.keys()


@pytest.mark.filterwarnings("ignore:There is no current event loop:DeprecationWarning")  # Mangum makes one
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_handler_is_there(function: str) -> None:
    module, _, name = FUNCTIONS[function]["Handler"].rpartition(".")
    package = "migrations." if function == "MigrationFunction" else ""
    assert callable(getattr(import_module(package + module), name))
    assert (ROOT / FUNCTIONS[function]["CodeUri"] / Path(*module.split("."))).with_suffix(".py").exists()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_reads_the_secrets_of_its_own_role_only(function: str) -> None:
    readable = [s["Resource"] for s in statements(function) if "secretsmanager" in str(s["Action"])]
    assert mentioned(readable) == SECRETS[function]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_policy_allows_everything(function: str) -> None:
    for statement in statements(function):
        assert not [action for action in as_list(statement["Action"]) if action.endswith("*")]
        # Making a key knows no other resource; then the tag says whose it is.
        making = statement["Action"] == ["kms:CreateKey", "kms:TagResource"] and "aws:RequestTag" in str(statement)
        assert making or "*" not in as_list(statement["Resource"])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_logs_end_some_day(function: str) -> None:
    group = FUNCTIONS[function]["LoggingConfig"]["LogGroup"]["Ref"]
    assert resources("AWS::Logs::LogGroup")[group]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_every_variable_is_one_that_the_code_reads() -> None:
    known = {name.upper() for name in Settings.model_fields} | {f"{group.upper()}_SECRET_ARN" for group in GROUPS}
    everywhere = [template()["Globals"]["Function"], *FUNCTIONS.values()]
    given = {name for function in everywhere for name in function.get("Environment", {}).get("Variables", {})}
    assert given - known == set()


@pytest.mark.parametrize("bucket", resources("AWS::S3::Bucket"))
def test_buckets_are_encrypted_and_take_tls_only(bucket: str) -> None:
    properties = resources("AWS::S3::Bucket")[bucket]
    assert "BucketEncryption" in properties
    policies = [p for p in resources("AWS::S3::BucketPolicy").values() if p["Bucket"] == {"Ref": bucket}]
    denied = [s for s in policies[0]["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
    assert [s["Condition"] for s in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


@pytest.mark.parametrize("name", ["UploadsBucket", "AccountsBucket"])
def test_people_s_files_are_not_public_and_outlive_the_stack(name: str) -> None:
    bucket = template()["Resources"][name]
    assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["DeletionPolicy"] == "RetainExceptOnCreate"


def test_an_upload_is_not_handed_out_again_while_the_function_works_on_it() -> None:
    queue = resources("AWS::SQS::Queue")["UploadsQueue"]
    assert queue["VisibilityTimeout"] >= 6 * FUNCTIONS["UploadFunction"]["Timeout"]


def test_a_failed_upload_is_tried_again_alone_and_at_last_set_aside() -> None:
    event = FUNCTIONS["UploadFunction"]["Events"]["Uploads"]["Properties"]
    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mentioned(resources("AWS::SQS::Queue")["UploadsQueue"]["RedrivePolicy"]) == {"UploadsDeadLetters"}
    assert mentioned(resources("AWS::CloudWatch::Alarm")["DeadLettersAlarm"]["Dimensions"]) == {"UploadsDeadLetters"}


def test_an_access_log_line_is_json() -> None:
    line = resources("AWS::ApiGatewayV2::Stage")["Stage"]["AccessLogSettings"]["Format"]
    assert "requestId" in json.loads(re.sub(r":\$context\.\w+", ":0", line))


def test_only_keys_of_this_stack_sign_and_are_ended() -> None:
    """Those that rotation makes have no name here: every statement about all keys goes by the tag."""
    for function in FUNCTIONS:
        for statement in statements(function):
            if "kms:" in str(statement["Action"]) and "key/*" in str(statement["Resource"]):
                assert statement["Condition"] == {
                    "StringEquals": {"aws:ResourceTag/artel-stack": {"Ref": "AWS::StackName"}}
                }
    tags = resources("AWS::KMS::Key")["SigningKey"]["Tags"]
    assert tags == [{"Key": "artel-stack", "Value": {"Ref": "AWS::StackName"}}]
