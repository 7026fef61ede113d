/** Where the API answers. The same origin unless the page was told otherwise, so that static files can be hosted anywhere. */

declare global {
  interface Window {
    __ARTEL__?: { apiUrl?: string };
  }
}

let address = '';

export function apiAddress(): string {
  return address;
}

/** `window.__ARTEL__.apiUrl`, else `api_url` of /config.json, else the page's own origin. */
export async function findApiAddress(): Promise<void> {
  address = (window.__ARTEL__?.apiUrl ?? (await fromConfigFile())).replace(/\/+$/, '');
}

async function fromConfigFile(): Promise<string> {
  try {
    const response = await fetch('/config.json');
    const config: unknown = response.ok ? await response.json() : null;
    const url = config && typeof config === 'object' && 'api_url' in config ? config.api_url : '';
    return typeof url === 'string' ? url : '';
  } catch {
    return ''; // no such file, or a host that answers with the page itself
  }
}
