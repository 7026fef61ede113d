"""template.yaml lets through what the apps answer, to whom they mean to answer it, and nothing else."""

from tests.template.routes import declared, implemented, stanza
from tools.template import resources

PUBLIC = {
    "GET /v1/analytics/health",
    "GET /v1/analytics/ready",
    "GET /v1/analytics/shared/widgets/{}/data",
    "GET /v1/analytics/shared",
    "GET /v1/auth/.well-known/jwks.json",
    "GET /v1/auth/.well-known/openid-configuration",
    "GET /v1/auth/avatars/{}",
    "GET /v1/auth/external/providers",
    "GET /v1/auth/health",
    "GET /v1/auth/ready",
    "GET /v1/money/health",
    "GET /v1/money/ready",
    "GET /v1/posts",
    "GET /v1/posts/images/{}/{}",
    "GET /v1/posts/comments/{}/replies",
    "GET /v1/posts/health",
    "GET /v1/posts/ready",
    "GET /v1/posts/{}/preview",
    "GET /v1/posts/sitemap/posts.xml",
    "GET /v1/posts/sitemap.xml",
    "GET /v1/posts/feed.atom",
    "GET /v1/posts/search",
    "GET /v1/posts/tags",
    "GET /v1/posts/{}",
    "GET /v1/posts/{}/comments",
    "POST /v1/money/webhooks/{}",
    "POST /v1/auth/confirm-email",
    "POST /v1/auth/login",
    "POST /v1/auth/login/external/{}/finish",
    "POST /v1/auth/login/external/{}/start",
    "POST /v1/auth/login/mfa",
    "POST /v1/auth/login/passkey/options",
    "POST /v1/auth/login/passkey/verify",
    "POST /v1/auth/logout",
    "POST /v1/auth/password/forgot",
    "POST /v1/auth/password/reset",
    "POST /v1/auth/refresh",
    "POST /v1/auth/register",
    "POST /v1/auth/restore",
    "POST /v1/auth/tokens/exchange",
    "POST /v1/auth/verify-email",
    "POST /v1/auth/verify-email/resend",
}
"""Written out, so that nobody opens a route without changing this list."""

WITH_SLASHES = {"PATCH /v1/analytics/datasets/{id}/columns/{name+}"}
"""The only parameters that may hold slashes."""


def test_every_route_of_the_apps_is_declared_with_its_scopes() -> None:
    missing = sorted(implemented() - declared())
    assert not missing, "paste into template.yaml:\n\n" + "\n\n".join(map(stanza, missing))


def test_no_route_is_declared_that_no_app_answers() -> None:
    surplus = sorted(declared() - implemented())
    assert not surplus, f"take out of template.yaml: {[route.key for route in surplus]}"


def test_public_are_these_routes_and_no_others() -> None:
    assert {route.key for route in declared() if route.public} == PUBLIC


def test_a_route_leads_to_the_function_of_its_group() -> None:
    assert [route for route in declared() if not f"{route.path}/".startswith(f"/v1/{route.group}/")] == []


def test_routes_name_their_methods_and_are_declared_once() -> None:
    keys = [properties["RouteKey"] for properties in resources("AWS::ApiGatewayV2::Route").values()]
    assert [key for key in keys if key.startswith(("ANY ", "$"))] == []
    assert {key for key in keys if "+}" in key} == WITH_SLASHES
    assert len(keys) == len(declared())


def test_what_is_not_public_stands_behind_the_one_authorizer() -> None:
    assert list(resources("AWS::ApiGatewayV2::Authorizer")) == ["Authorizer"]
    for name, route in resources("AWS::ApiGatewayV2::Route").items():
        if "AuthorizationType" in route:
            assert (route["AuthorizationType"], route["AuthorizerId"]) == ("JWT", {"Ref": "Authorizer"}), name
