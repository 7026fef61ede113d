"""The routes that template.yaml declares, and those that the apps have."""

from dataclasses import dataclass
from importlib import import_module

from tools.template import resources

GROUPS = ("auth", "money", "posts", "analytics")


@dataclass(frozen=True, order=True)
class Route:
    method: str
    path: str
    """Parameters are nameless here, `{}`: a gateway and an app may call them differently."""
    group: str
    public: bool
    scopes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"


def nameless(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def declared() -> set[Route]:
    """What template.yaml lets through, and to whom."""
    found = set()
    for properties in resources("AWS::ApiGatewayV2::Route").values():
        method, path = properties["RouteKey"].split(" ")
        integration = properties["Target"]["Fn::Sub"].removeprefix("integrations/${").removesuffix("Integration}")
        public = properties.get("AuthorizationType", "NONE") == "NONE"
        scopes = tuple(sorted(properties.get("AuthorizationScopes", ())))
        found.add(Route(method, nameless(path), integration.lower(), public, scopes))
    return found


def implemented() -> set[Route]:
    """What the four apps answer; an operation without `security` in its OpenAPI document is public."""
    found = set()
    for group in GROUPS:
        for path, operations in import_module(f"{group}.app").app.openapi()["paths"].items():
            for method, operation in operations.items():
                security = operation.get("security")
                scopes = {scope for entry in security or () for wanted in entry.values() for scope in wanted}
                found.add(Route(method.upper(), nameless(path), group, not security, tuple(sorted(scopes))))
    return found


def stanza(route: Route) -> str:
    """What to paste into template.yaml for a route that it lacks."""
    words = [part for part in route.path.removeprefix("/v1/").replace(".", "-").split("/") if part]
    names = ["".join(w.title() for w in word.split("-")) if word != "{}" else "One" for word in words]
    integration = f'!Sub "integrations/${{{route.group.title()}Integration}}"'
    path = route.path.replace("{}", "{id}")
    lines = [
        f"  {route.method.title()}{''.join(names)}:",
        "    Type: AWS::ApiGatewayV2::Route",
        "    Properties:",
        "      ApiId: !Ref HttpApi",
        f"      RouteKey: {route.method} {path}",
        f"      Target: {integration}",
    ]
    if not route.public:
        lines += ["      AuthorizationType: JWT", "      AuthorizerId: !Ref Authorizer"]
    if route.scopes:
        lines.append(f"      AuthorizationScopes: [{', '.join(f'{scope}' for scope in route.scopes)}]")
    return "\n".join(lines)
