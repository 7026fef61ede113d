import { OFFLINE, Problem } from './problem';

/** A file to the object store, by a form the API has signed. XMLHttpRequest, because fetch does not tell how much has gone. */
export function store(url: string, fields: Record<string, string>, file: File, onProgress: (percent: number) => void) {
  return new Promise<void>((resolve, reject) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', file); // S3 ignores every field after the file
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded, total }) => onProgress(Math.round((loaded / total) * 100));
    request.onload = () =>
      request.status < 300
        ? resolve()
        : reject(new Problem(`Storage${request.status}`, request.status, storageReason(request)));
    request.onerror = () => reject(new Problem(OFFLINE, 0, 'The object store cannot be reached.'));
    request.open('POST', url);
    request.send(form);
  });
}

/** S3 answers in XML. */
function storageReason(request: XMLHttpRequest): string {
  const [, reason] = /<Message>([^<]+)<\/Message>/.exec(request.responseText) ?? [];
  return reason ?? `The object store refused the file (${request.status}).`;
}
