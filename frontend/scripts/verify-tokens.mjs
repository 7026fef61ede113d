// Verifies access tokens as a third party would: with a library of its own, and nothing but the issuer's discovery document.
// `node verify-tokens.mjs ISSUER` reads lines {"token", "audience", "issuer"?, "typ"?, "at"?} and answers each with a line:
// {"claims"} of a token that is accepted, {"refused": the library's code} of another.
import { createInterface } from 'node:readline';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

const answer = await fetch(`${process.argv[2]}/.well-known/openid-configuration`);
const discovered = await answer.json();
const keys = createRemoteJWKSet(new URL(discovered.jwks_uri));

async function verify({ token, audience, issuer = discovered.issuer, typ = 'at+jwt', at }) {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: discovered.id_token_signing_alg_values_supported,
      currentDate: at && new Date(at * 1000),
      audience,
      issuer,
      typ,
    });
    return { claims: payload };
  } catch (error) {
    if (error instanceof errors.JOSEError) return { refused: error.code };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await verify(JSON.parse(line))));
}
