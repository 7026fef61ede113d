"""Credentials that are none: name → what to send. Each is 401 on every group, in the same words."""

from collections.abc import Callable
from typing import Any

from tests.attacks.forgery import Forger, encoded, flipped, other_spelling, written
from tests.server.ways import Headers

type Forge = Callable[[Forger], str]


def _authorization(*values: str) -> Headers:
    return [("Authorization", value) for value in values]


CREDENTIALS: dict[str, Callable[[Forger], Headers]] = {
    "none": lambda _f: [],
    "empty": lambda _f: _authorization(""),
    "scheme-alone": lambda _f: _authorization("Bearer"),
    "scheme-and-blank": lambda _f: _authorization("Bearer "),
    "token-alone": lambda f: _authorization(f.real),
    "basic": lambda _f: _authorization("Basic YWRtaW46YWRtaW4="),
    "other-scheme": lambda f: _authorization(f"Token {f.real}"),
    "null": lambda _f: _authorization("Bearer null"),
    "undefined": lambda _f: _authorization("Bearer undefined"),
    "two-the-same": lambda f: _authorization(f"Bearer {f.real}", f"Bearer {f.real}"),
    "two-of-two-kinds": lambda f: _authorization("Basic YWRtaW46YWRtaW4=", f"Bearer {f.real}"),
    "two-in-one": lambda f: _authorization(f"Bearer {f.real},Bearer {f.real}"),
    "comma": lambda f: _authorization(f"Bearer {f.real},"),
    "two-blanks": lambda f: _authorization(f"Bearer  {f.real}"),
    "tabulator": lambda f: _authorization(f"Bearer\t{f.real}"),
    "something-behind": lambda f: _authorization(f"Bearer {f.real} admin"),
    "quotes": lambda f: _authorization(f'Bearer "{f.real}"'),
    "cyrillic": lambda _f: _authorization("Bearer ключ.от.всех"),
    "in-a-cookie": lambda f: [("Cookie", f"access_token={f.real}; Authorization=Bearer {f.real}")],
    "in-another-header": lambda f: [("X-Authorization", f"Bearer {f.real}"), ("X-Forwarded-Authorization", f.real)],
    "long-nonsense": lambda _f: _authorization("Bearer " + "A" * 7000),
    "dots": lambda _f: _authorization("Bearer ..", ),
    "claims-of-the-gateway": lambda f: [
        ("requestContext", str(written({"authorizer": {"jwt": {"claims": f.claims()}}}), "ascii")),
        ("x-amzn-request-context", str(written({"authorizer": {"jwt": {"claims": f.claims()}}}), "ascii")),
        ("x-apigateway-event", str(written({"requestContext": {"authorizer": {"claims": f.claims()}}}), "ascii")),
        ("x-amzn-oidc-identity", str(f.whom.id)),
        ("x-amzn-oidc-accesstoken", f.real),
        ("x-user-id", str(f.whom.id)),
        ("x-forwarded-user", f.whom.email),
    ],
}  # fmt: skip


def _headers() -> dict[str, Forge]:
    """Right key, right claims, wrong header."""
    changes: dict[str, dict[str, Any]] = {
        "typ-jwt": {"typ": "JWT"},
        "typ-missing": {"typ": ...},
        "typ-upper-case": {"typ": "AT+JWT"},
        "typ-list": {"typ": ["at+jwt"]},
        "alg-list": {"alg": ["RS256"]},
        "alg-null": {"alg": None},
        "alg-missing": {"alg": ...},
        "kid-missing": {"kid": ...},
        "kid-null": {"kid": None},
        "kid-number": {"kid": 7},
        "kid-list": {"kid": ["a", "b"]},
        "kid-empty": {"kid": ""},
        "kid-unknown": {"kid": "A" * 43},
        "kid-path": {"kid": "../../../../dev/null"},
        "kid-sql": {"kid": "' UNION SELECT 'x' --"},
        "kid-command": {"kid": "|/bin/true"},
        "kid-nul": {"kid": "a\0b"},
        "kid-half-a-character": {"kid": "\ud800"},
        "kid-10-kb": {"kid": "k" * 10_000},
        "jku": {"jku": "https://evil.example/jwks.json"},
        "x5u": {"x5u": "https://evil.example/chain.pem"},
        "x5c": {"x5c": ["MIIB"]},
        "x5t": {"x5t": "AAAA"},
        "jwk": {"jwk": {"kty": "oct", "k": "AA"}},
        "crit": {"crit": ["exp"]},
        "b64": {"b64": False, "crit": ["b64"]},
        "b64-alone": {"b64": True},
        "zip": {"zip": "DEF"},
        "cty": {"cty": "JWT"},
    }
    return {name: (lambda f, change=change: f.with_header(**change)) for name, change in changes.items()}


# As numbers go, no number: ministack's authorizer answers 500 to these, where AWS's says 401. They are for the function
# behind it, which a token that some other gateway lets through would reach.
NO_NUMBERS: dict[str, dict[str, Any]] = {
    "exp-nan": {"exp": float("nan")},
    "exp-infinite": {"exp": float("inf")},
    "exp-text": {"exp": "tomorrow"},
    "exp-null": {"exp": None},
    "exp-list": {"exp": [4102444800]},
    "exp-object": {"exp": {"at": 4102444800}},
    "exp-beyond-floats": {"exp": 10**400},
    "nbf-text": {"nbf": "now"},
    "iat-text": {"iat": "now"},
}


def _claims() -> dict[str, Forge]:
    """Right key, right header, wrong claims."""
    changes: dict[str, dict[str, Any]] = {
        "exp-missing": {"exp": ...},
        "exp-zero": {"exp": 0},
        "exp-negative": {"exp": -1},
        "exp-true": {"exp": True},
        "exp-in-a-hundred-years": {"exp": 4102444800},
        "iat-missing": {"iat": ...},
        "iat-to-come": {"iat": 4102444800},
        "nbf-to-come": {"nbf": 4102444800},
        "iss-other": {"iss": "https://evil.example/v1/auth"},
        "iss-missing": {"iss": ...},
        "iss-list": {"iss": ["https://evil.example/v1/auth"]},
        "aud-other": {"aud": "other"},
        "aud-missing": {"aud": ...},
        "aud-list": {"aud": ["artel"]},
        "aud-among-others": {"aud": ["other", "artel"]},
        "aud-upper-case": {"aud": "ARTEL"},
        "sub-missing": {"sub": ...},
        "sub-nobody": {"sub": "00000000-0000-4000-8000-000000000000"},
        "sub-sql": {"sub": "' OR 1=1 --"},
        "sid-missing": {"sid": ...},
        "sid-unknown": {"sid": "00000000-0000-4000-8000-000000000000"},
        "sid-number": {"sid": 7},
        "jti-missing": {"jti": ...},
    }
    return {name: (lambda f, change=change: f.with_claims(**change)) for name, change in changes.items()}


def without_padding_of_our_own(f: Forger) -> str:
    """A blank in the header: the same content, spelt as we never spell it."""
    return f.signed(str(f.header()).replace("'", '"').encode(), written(f.claims()))


TOKENS: dict[str, Forge] = {
    **_headers(),
    **_claims(),
    "exp-past": Forger.expired,
    "iss-with-a-slash": lambda f: f.with_claims(iss=f.key.issuer + "/"),
    "iss-upper-case": lambda f: f.with_claims(iss=f.key.issuer.upper()),
    "alg-none": lambda f: f.unsigned("none"),
    "alg-None": lambda f: f.unsigned("None"),
    "alg-NONE-with-a-signature": lambda f: f.unsigned("NONE", signature=f.real.split(".")[2]),
    "hs256-empty-secret": lambda f: f.with_secret(b""),
    "hs256-public-pem": lambda f: f.with_secret(f.key.public_pem),
    "hs256-public-pem-unframed": lambda f: f.with_secret(f.key.public_pem.strip()),
    "hs256-public-jwk": lambda f: f.with_secret(written(f.key.jwk)),
    "hs256-modulus": lambda f: f.with_secret(f.key.jwk["n"].encode()),
    "hs256-called-rs256": lambda f: f.with_secret(f.key.public_pem, "RS256"),
    "rs512": lambda f: f.algorithm("RS512"),
    "ps256": lambda f: f.algorithm("PS256"),
    "es256": lambda f: f.by_another_key("ES256"),
    "another-key": lambda f: f.by_another_key(),
    "another-key-sent-along": lambda f: f.by_another_key(jwk=f.key.jwk),
    "flipped-header": lambda f: f.part(0, flipped),
    "flipped-claims": lambda f: f.part(1, flipped),
    "flipped-signature": lambda f: f.part(2, flipped),
    "padded-header": lambda f: f.part(0, lambda p: p + "=" * (-len(p) % 4 or 4)),
    "padded-claims": lambda f: f.part(1, lambda p: p + "=" * (-len(p) % 4 or 4)),
    "padded-signature": lambda f: f.part(2, lambda p: p + "=="),
    "signature-spelt-otherwise": lambda f: f.part(2, other_spelling),
    "signature-missing": lambda f: f.real.rpartition(".")[0] + ".",
    "two-parts": lambda f: f.real.rpartition(".")[0],
    "four-parts": lambda f: f.real + ".AAAA",
    "five-parts": lambda f: f.real + ".AAAA.AAAA",
    "cut-short": lambda f: f.real[:-1],
    "blanks-in-the-header": without_padding_of_our_own,
    "header-is-a-list": lambda f: f.signed(b"[]", written(f.claims())),
    "header-is-no-json": lambda f: f.signed(b"{", written(f.claims())),
    "claims-are-a-list": lambda f: f.signed(written(f.header()), b"[]"),
    "claims-are-text": lambda f: f.signed(written(f.header()), b'"admin"'),
    "claims-are-no-json": lambda f: f.signed(written(f.header()), b"\xff\xfe"),
    "claims-are-nothing": lambda f: f.signed(written(f.header()), b""),
    "claims-twice": lambda f: f.signed(
        written(f.header()), b'{"sub":"00000000-0000-4000-8000-000000000000",' + written(f.claims())[1:]
    ),
    "claims-nested-deep": lambda f: f.signed(written(f.header()), b'{"a":' * 400 + b"1" + b"}" * 400),
    "another-s-signature": lambda f: f.unsigned("RS256", signature=encoded(b"\1" * 256)),
}  # fmt: skip
