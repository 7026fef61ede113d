// What a program in another language does with our tokens: `node verify_with_jose.mjs ISSUER AUDIENCE`, a JSON array of
// tokens on stdin; on stdout for each the subject it vouches for, or the code of what is wrong with it. It knows nothing of
// us but the issuer.
import { text } from 'node:stream/consumers';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// jose stands among the packages of the page, which is where this is started.
const require = createRequire(pathToFileURL(`${process.cwd()}/package.json`));
const { createRemoteJWKSet, jwtVerify } = await import(pathToFileURL(require.resolve('jose')).href);

const [issuer, audience] = process.argv.slice(2);
const found = await fetch(`${issuer}/.well-known/openid-configuration`);
const { jwks_uri } = await found.json();
const keys = createRemoteJWKSet(new URL(jwks_uri));

const judge = async (token) => {
  try {
    const { payload } = await jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt' });
    return payload.sub;
  } catch (error) {
    return error.code ?? String(error);
  }
};

const judged = [];
for (const token of JSON.parse(await text(process.stdin))) judged.push(await judge(token));
console.log(JSON.stringify(judged));
