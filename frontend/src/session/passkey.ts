import { Problem } from '../api/problem';

type Json = Record<string, unknown>;

/** The person closed the browser's window, or there is no passkey of theirs here. */
export const PASSKEY_NOT_USED = 'PasskeyNotUsed';

/** Browsers of before 2025 know passkeys but not the JSON of them; they are offered the other ways in. */
export const passkeysWork = (): boolean =>
  typeof PublicKeyCredential !== 'undefined' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

export async function askForPasskey(options: Json): Promise<Json> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return asJson(() => navigator.credentials.get({ publicKey }));
}

export async function makePasskey(options: Json): Promise<Json> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return asJson(() => navigator.credentials.create({ publicKey }));
}

async function asJson(ask: () => Promise<Credential | null>): Promise<Json> {
  const credential = await ask().catch((error: unknown) => {
    const known = error instanceof DOMException && error.name === 'InvalidStateError';
    throw new Problem(known ? 'PasskeyAlreadyKnown' : PASSKEY_NOT_USED, 0, String(error));
  });
  if (!(credential instanceof PublicKeyCredential)) throw new Problem(PASSKEY_NOT_USED, 0, 'no credential');
  return credential.toJSON() as Json;
}
