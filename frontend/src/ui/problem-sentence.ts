import type { I18n, MessageDescriptor } from '@lingui/core';
import { msg, plural } from '@lingui/core/macro';
import { OFFLINE, Problem, SIGNED_OUT } from '../api/problem';

/** Sentences of our own for what people meet often. Anything else is told in the server's words. */
const sentences: Record<string, MessageDescriptor> = {
  [OFFLINE]: msg`The server cannot be reached. Check the connection and try again; what you typed is still here.`,
  [SIGNED_OUT]: msg`Your session has ended. Sign in again to go on.`,
  Unauthorized: msg`Your session has ended. Sign in again to go on.`,
  InvalidCredentials: msg`The e-mail or the password is not right.`,
  WeakPassword: msg`The password must not be the e-mail address or the name.`,
  InsufficientFunds: msg`There is not enough money on this account.`,
  CurrencyMismatch: msg`The two accounts are in different currencies.`,
  RecipientNotFound: msg`There is no account with this number.`,
  SameAccount: msg`Choose another account: this is the one the money comes from.`,
  UnknownCurrency: msg`There is no such currency.`,
  FileTooLarge: msg`The file is larger than an upload may be.`,
  UnsupportedFileType: msg`Only Excel workbooks (.xlsx) can be uploaded.`,
  QueryTooHeavy: msg`This takes too long to count. Choose a larger step, or something with fewer groups.`,
  InvalidCursor: msg`The list has changed. Reload the page.`,
  MalformedRequest: msg`Something in the form is not right: look at the marked fields.`,
  ServiceUnavailable: msg`The service is busy. Try again in a moment.`,
};

/** What happened, as a sentence in the reader's language. */
export function sentence(error: Error, i18n: I18n): string {
  if (!(error instanceof Problem))
    return i18n._(msg`Something unexpected happened on this page. Reload it and try again.`);
  if (error.status === 429) return tooOften(error, i18n);
  const known = sentences[error.code];
  if (known) return i18n._(known);
  if (error.status >= 500) return i18n._(msg`Something went wrong on our side. Try again in a moment.`);
  return error.message;
}

function tooOften(error: Problem, i18n: I18n): string {
  if (error.retryAfter === null) return i18n._(msg`Too many attempts. Wait a little and try again.`);
  const minutes = Math.ceil(error.retryAfter / 60);
  return i18n._(msg`Too many attempts. Try again in ${plural(minutes, { one: '# minute', other: '# minutes' })}.`);
}
