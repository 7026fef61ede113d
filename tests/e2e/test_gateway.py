"""What the deployed gateway lets through, and what it hands to a function."""

import base64
import io
import json
import zipfile
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.e2e.conftest import Visitor
from tests.e2e.deployed import ORIGIN, Deployed
from tests.template.routes import declared

pytestmark = pytest.mark.xdist_group("deployed")

ECHO = "def handler(event, context): return {'statusCode': 200, 'body': __import__('json').dumps(event)}"


def test_without_a_token_no_closed_route_reaches_a_function(deployed: Deployed) -> None:
    for route in sorted(route for route in declared() if not route.public):
        answer = deployed.api.request(route.method, route.path.replace("{}", str(uuid4())))
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"}), route.key


@pytest.mark.parametrize("group", ["auth", "money", "posts", "analytics"])
def test_every_function_starts_and_reaches_its_database(deployed: Deployed, group: str) -> None:
    assert deployed.api.get(f"/v1/{group}/health").json() == {"status": "ok"}
    assert deployed.api.get(f"/v1/{group}/ready").json() == {"status": "ok"}


def test_a_path_nobody_declared_is_not_found(deployed: Deployed) -> None:
    assert deployed.api.get("/v1/money/admin").status_code == 404


def test_a_token_without_the_scope_is_forbidden(deployed: Deployed, ada: Visitor) -> None:
    narrow = ada.bearer(scope="profile")
    refused = deployed.api.get("/v1/money/accounts", headers=narrow)
    assert (refused.status_code, refused.json()) == (403, {"message": "Forbidden"})
    assert deployed.api.get("/v1/auth/me", headers=narrow).json()["email"] == ada.email


def test_a_token_of_another_key_is_refused_at_the_door(deployed: Deployed, ada: Visitor) -> None:
    token = ada.sign_in()["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    headers = jwt.get_unverified_header(token)
    forged = jwt.encode(claims, rsa.generate_private_key(65537, 2048), "RS256", headers=headers)
    answer = deployed.api.get("/v1/auth/me", headers={"Authorization": f"Bearer {forged}"})
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


def test_a_signed_out_session_is_refused_by_the_function_behind_the_gateway(deployed: Deployed, ada: Visitor) -> None:
    tokens = ada.sign_in()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    deployed.api.post("/v1/auth/logout", json={"refresh_token": tokens["refresh_token"]})
    answer = deployed.api.get("/v1/posts/health", headers=bearer)
    assert answer.status_code == 200  # public, whatever is sent along
    answer = deployed.api.get("/v1/money/accounts", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (401, "Unauthorized")


def test_the_claims_reach_a_function(deployed: Deployed, ada: Visitor) -> None:
    """Nothing of ours shows them, so a function that shows its event is put behind the stack's own authorizer."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("echo.py", ECHO)
    made = deployed.client("lambda").create_function(
        FunctionName="echo",
        Runtime="python3.13",
        Handler="echo.handler",
        Role="arn:aws:iam::000000000000:role/echo",
        Code={"ZipFile": packed.getvalue()},
    )
    gateway, api_id = deployed.client("apigatewayv2"), deployed.outputs["ApiId"]
    integration = gateway.create_integration(
        ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=made["FunctionArn"], PayloadFormatVersion="2.0"
    )
    gateway.create_route(
        ApiId=api_id,
        RouteKey="GET /echo",
        Target=f"integrations/{integration['IntegrationId']}",
        AuthorizationType="JWT",
        AuthorizerId=gateway.get_authorizers(ApiId=api_id)["Items"][0]["AuthorizerId"],
        AuthorizationScopes=["money:read"],
    )
    bearer = ada.bearer()
    event = deployed.api.get("/echo", headers=bearer).json()
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    assert claims["sub"] == deployed.api.get("/v1/auth/me", headers=bearer).json()["id"]
    assert claims["iss"] == deployed.outputs["Issuer"]
    assert "money:read" in claims["scope"].split()
    assert all(isinstance(value, str) for value in claims.values())


def test_the_issuer_publishes_the_key_that_signs(deployed: Deployed, ada: Visitor) -> None:
    issuer = deployed.outputs["Issuer"]
    document = deployed.api.get(f"{issuer}/.well-known/openid-configuration").json()
    assert document["issuer"] == issuer
    keys = {key["kid"]: key for key in deployed.api.get(document["jwks_uri"]).json()["keys"]}
    token = ada.sign_in()["access_token"]
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    key = jwt.PyJWK(keys[header["kid"]])
    assert jwt.decode(token, key, algorithms=["RS256"], audience="artel", issuer=issuer)


def test_the_page_s_origin_may_call_and_no_other(deployed: Deployed) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
    answer = deployed.api.options("/v1/money/transfers", headers=asked)
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "idempotency-key" in answer.headers["access-control-allow-headers"]
    other = deployed.api.options("/v1/money/transfers", headers={**asked, "Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in other.headers


def test_the_page_may_send_files_to_the_bucket(deployed: Deployed) -> None:
    """By its rules: ministack itself answers every preflight to S3 with yes."""
    rules = deployed.client("s3").get_bucket_cors(Bucket=deployed.outputs["UploadsBucket"])["CORSRules"]
    assert [(rule["AllowedOrigins"], rule["AllowedMethods"]) for rule in rules] == [([ORIGIN], ["POST"])]


def test_an_upload_event_that_fails_fails_alone(deployed: Deployed) -> None:
    stored = {"bucket": {"name": deployed.outputs["UploadsBucket"]}, "object": {"key": "drop/nobody/a.xlsx", "size": 1}}
    strange = {"Records": [{"eventName": "ObjectCreated:Put", "s3": stored}]}
    bodies = {"test": {"Event": "s3:TestEvent"}, "strange": strange}
    records = [{"messageId": name, "eventSource": "aws:sqs", "body": json.dumps(body)} for name, body in bodies.items()]
    answer = deployed.client("lambda").invoke(
        FunctionName=deployed.function("UploadFunction"), Payload=json.dumps({"Records": records})
    )
    assert json.loads(answer["Payload"].read()) == {"batchItemFailures": [{"itemIdentifier": "strange"}]}
