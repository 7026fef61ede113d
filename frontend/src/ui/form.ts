import type { FormEvent } from 'react';
import { Problem } from '../api/problem';

/** The named text fields of a submitted form; the browser's own submission is stopped. */
export function textsOf<Name extends string>(
  event: FormEvent<HTMLFormElement>,
  ...names: Name[]
): Record<Name, string> {
  event.preventDefault();
  const form = new FormData(event.currentTarget);
  const texts = {} as Record<Name, string>;
  for (const name of names) texts[name] = String(form.get(name) ?? '');
  return texts;
}

/** What the server said about single fields, for a form to show beside them. */
export function fieldErrors(error: Error | null): Record<string, string> {
  return error instanceof Problem ? error.fields : {};
}
