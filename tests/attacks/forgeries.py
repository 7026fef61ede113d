"""Access tokens that are wrong in one thing each."""

import json
import time
from collections.abc import Callable

from tests.attacks.forging import Forger, encoded, strangers_jwk, written

type Forge = Callable[[Forger], str]

_ALGORITHMS: dict[str, Forge] = {
    "alg none": lambda f: f.unsigned("none"),
    "alg None": lambda f: f.unsigned("None"),
    "alg NONE, with a signature": lambda f: f.with_header(alg="NONE"),
    "alg absent": lambda f: f.with_header(alg=...),
    "alg null": lambda f: f.with_header(alg=None),
    "alg an array": lambda f: f.with_header(alg=["RS256"]),
    "HS256, the public key in PEM": lambda f: f.hmac_with(f.public_pem()),
    "HS256, the public key as JWK": lambda f: f.hmac_with(written(f.door.key.jwk)),
    "HS256, the modulus": lambda f: f.hmac_with(f.door.key.jwk["n"].encode()),
    "HS256, nothing": lambda f: f.hmac_with(b""),
    "HS384": lambda f: f.hmac_with(f.public_pem(), "HS384"),
    "HS512": lambda f: f.hmac_with(f.public_pem(), "HS512"),
    "PS256": lambda f: f.with_header("PS256", alg="PS256"),
    "PS512": lambda f: f.with_header("PS512", alg="PS512"),
    "RS384": lambda f: f.with_header("RS384", alg="RS384"),
    "RS512": lambda f: f.with_header("RS512", alg="RS512"),
    "ES256": lambda f: f.by_elliptic_curve(),
    "HMAC that calls itself RS256": lambda f: f.hmac_with(f.public_pem(), "HS256", alg="RS256"),
}
_KEYS: dict[str, Forge] = {
    "another key": lambda f: f.by_stranger(),
    "kid absent": lambda f: f.with_header(kid=...),
    "kid null": lambda f: f.with_header(kid=None),
    "kid empty": lambda f: f.with_header(kid=""),
    "kid unknown": lambda f: f.with_header(kid="A" * 43),
    "kid a path": lambda f: f.with_header(kid="../../../../dev/null"),
    "kid SQL": lambda f: f.with_header(kid="' OR 1=1 --"),
    "kid a NUL": lambda f: f.with_header(kid="\0"),
    "kid half a character": lambda f: f.with_header(kid="\ud800"),
    "kid an array": lambda f: f.with_header(kid=[f.door.key.jwk["kid"]]),
    "kid an object": lambda f: f.with_header(kid={"kid": f.door.key.jwk["kid"]}),
    "kid a number": lambda f: f.with_header(kid=7),
    "kid a command": lambda f: f.with_header(kid="|/bin/true"),
    "kid another key's": lambda f: f.by_stranger(kid=strangers_jwk()["kid"]),
    "jku": lambda f: f.by_stranger(jku="https://attacker.example/jwks.json"),
    "x5u": lambda f: f.by_stranger(x5u="https://attacker.example/cert.pem"),
    "x5c": lambda f: f.by_stranger(x5c=["MIIB"]),
    "jwk": lambda f: f.by_stranger(jwk=strangers_jwk()),
    "jwk and its kid": lambda f: f.by_stranger(jwk=strangers_jwk(), kid="stranger"),
    "jku, and the right signature": lambda f: f.with_header(jku="https://attacker.example/jwks.json"),
    "crit": lambda f: f.with_header(crit=["exp"]),
    "b64 false": lambda f: f.with_header(b64=False, crit=["b64"]),
    "b64 true": lambda f: f.with_header(b64=True),
    "x5t": lambda f: f.with_header(x5t="AAAA"),
    "cty": lambda f: f.with_header(cty="JWT"),
    "zip": lambda f: f.with_header(zip="DEF"),
}
_TYPES: dict[str, Forge] = {
    "typ JWT": lambda f: f.with_header(typ="JWT"),
    "typ missing": lambda f: f.with_header(typ=...),
    "typ an ID token's": lambda f: f.with_header(typ="id+jwt"),
    "typ an array": lambda f: f.with_header(typ=["at+jwt"]),
    "typ in capitals": lambda f: f.with_header(typ="AT+JWT"),
    "typ as a media type": lambda f: f.with_header(typ="application/at+jwt"),
}
_CLAIMS: dict[str, Forge] = {
    "exp past": lambda f: f.with_claims(exp=int(time.time()) - 1),
    "exp 0": lambda f: f.with_claims(exp=0),
    "exp negative": lambda f: f.with_claims(exp=-1),
    "exp true": lambda f: f.with_claims(exp=True),
    "exp missing": lambda f: f.with_claims(exp=...),
    "exp in a hundred years": lambda f: f.with_claims(exp=int(time.time()) + 3_000_000_000),
    "iat missing": lambda f: f.with_claims(iat=...),
    "iat to come": lambda f: f.with_claims(iat=int(time.time()) + 300),
    "nbf to come": lambda f: f.with_claims(nbf=int(time.time()) + 300),
    "iss with a slash": lambda f: f.with_claims(iss=f"{f.door.issuer}/"),
    "iss in capitals": lambda f: f.with_claims(iss=f.door.issuer.upper()),
    "iss an array": lambda f: f.with_claims(iss=[f.door.issuer]),
    "iss another": lambda f: f.with_claims(iss="https://attacker.example"),
    "iss missing": lambda f: f.with_claims(iss=...),
    "aud another": lambda f: f.with_claims(aud="other"),
    "aud an array": lambda f: f.with_claims(aud=["artel", "other"]),
    "aud an array of one": lambda f: f.with_claims(aud=["artel"]),
    "aud in capitals": lambda f: f.with_claims(aud="ARTEL"),
    "aud missing": lambda f: f.with_claims(aud=...),
    "sub another's": lambda f: f.with_claims(sub="00000000-0000-4000-8000-000000000000"),
    "sub SQL": lambda f: f.with_claims(sub="' OR 1=1 --"),
    "sub missing": lambda f: f.with_claims(sub=...),
    "sid unknown": lambda f: f.with_claims(sid="00000000-0000-4000-8000-000000000000"),
    "sid a number": lambda f: f.with_claims(sid=7),
    "sid missing": lambda f: f.with_claims(sid=...),
    "jti missing": lambda f: f.with_claims(jti=...),
}
_SPELLINGS: dict[str, Forge] = {
    "a flipped byte of the header": lambda f: f.flipped(0, 12),
    "a flipped byte of the claims": lambda f: f.flipped(1, 40),
    "a flipped byte of the signature": lambda f: f.flipped(2, 100),
    "another spelling of the signature": lambda f: f.other_spelling(),
    "cut short": lambda f: f.genuine[:-1],
    "padded": lambda f: f"{f.genuine}==",
    "a padded header": lambda f: f.signed_text(f"{encoded(written(f.header()))}=.{encoded(written(f.claims()))}"),
    "blanks in the header": lambda f: f.signed(json.dumps(f.header()).encode(), written(f.claims())),
    "no signature": lambda f: f.genuine.rpartition(".")[0] + ".",
    "two parts": lambda f: f.genuine.rpartition(".")[0],
    "four parts": lambda f: f"{f.genuine}.x",
    "five parts": lambda f: f"{f.genuine}.x.y",
    "claims that are no JSON": lambda f: f.signed(written(f.header()), b"{"),
    "claims that are nothing": lambda f: f.signed(written(f.header()), b""),
    "claims nested deep": lambda f: f.signed(written(f.header()), b'{"a":' * 400 + b"1" + b"}" * 400),
    "claims that are not UTF-8": lambda f: f.signed(written(f.header()), b"\xff\xfe"),
    "a header that is no JSON": lambda f: f.signed(b"{", written(f.claims())),
    "a header that is not UTF-8": lambda f: f.signed(b"\xff", written(f.claims())),
    "a claim twice": lambda f: f.signed(written(f.header()), b'{"exp":1,' + written(f.claims())[1:]),
}
FORGERIES = _ALGORITHMS | _KEYS | _TYPES | _CLAIMS | _SPELLINGS

UNFIT_FOR_EMULATOR: dict[str, Forge] = {
    "exp NaN": lambda f: f.with_claims(exp=float("nan")),
    "exp infinite": lambda f: f.with_claims(exp=float("inf")),
    "exp text": lambda f: f.with_claims(exp="tomorrow"),
    "exp null": lambda f: f.with_claims(exp=None),
    "exp an array": lambda f: f.with_claims(exp=[4_102_444_800]),
    "exp enormous": lambda f: f.with_claims(exp=10**400),
    "iat text": lambda f: f.with_claims(iat="now"),
    "nbf text": lambda f: f.with_claims(nbf="now"),
    "claims text": lambda f: f.signed(written(f.header()), b'"admin"'),
    "claims an array": lambda f: f.signed(written(f.header()), b"[]"),
    "a header that is an array": lambda f: f.signed(b"[]", written(f.claims())),
    "kid of 10 KB": lambda f: f.with_header(kid="k" * 10_240),
}
"""The real gateway refuses these with 401 (and a request line and headers past 10,240 bytes before it looks at them). The
emulator's authorizer fails with 500 on a time that is no number and on JSON that is no object: there these are handed to the
functions themselves.
"""
