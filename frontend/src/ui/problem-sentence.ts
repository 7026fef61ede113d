import type { I18n, MessageDescriptor } from '@lingui/core';
import { msg, plural } from '@lingui/core/macro';
import { OFFLINE, Problem, SIGNED_OUT } from '../api/problem';

/** Sentences of our own for what people meet often. Anything else is told in the server's words. */
const sentences: Record<string, MessageDescriptor> = {
  [OFFLINE]: msg`The server cannot be reached. Check the connection and try again; what you typed is still here.`,
  [SIGNED_OUT]: msg`Your session has ended. Sign in again to go on.`,
  Unauthorized: msg`Your session has ended. Sign in again to go on.`,
  InvalidCredentials: msg`The e-mail or the password is not right.`,
  WeakPassword: msg`This password is too easy to guess: it is a common one, was in a leak, or is your name or address. Choose another.`,
  InvalidChallenge: msg`This sign-in took too long, or was finished already. Begin anew.`,
  InvalidCode: msg`The code is not right. It works only once; wait for the next one if it has just changed.`,
  WrongCode: msg`The code is not right. It works only once; wait for the next one if it has just changed.`,
  InvalidPasskey: msg`The passkey was not accepted. Try another way in.`,
  PasskeyNotAccepted: msg`The passkey was not accepted. Try another way in.`,
  PasskeyNotUsed: msg`No passkey was used. Try again, or choose another way in.`,
  PasskeyAlreadyKnown: msg`This device has a passkey of your account already.`,
  InvalidMailToken: msg`This link is too old, or was used already.`,
  ExternalSignInFailed: msg`The outside account could not be confirmed. Begin anew.`,
  ExternalProviderUnavailable: msg`The outside provider does not answer. Try again in a moment, or choose another way in.`,
  ExternalEmailUnconfirmed: msg`The outside account has no confirmed e-mail address. Confirm it there, or sign up here.`,
  AccountExists: msg`There is an account with this e-mail address. Sign in to it, and connect the outside account there.`,
  IdentityTaken: msg`This outside account belongs to another person here.`,
  IdentityNotConfirmed: msg`Nothing was changed: it was not confirmed that it is you.`,
  EmailNotVerified: msg`Verify your e-mail address first: follow the link in our letter.`,
  WrongPassword: msg`The current password is not right.`,
  TotpAlreadyOn: msg`An authenticator app is set up already. Turn it off first.`,
  TotpNotOn: msg`No authenticator app is set up.`,
  LastWayIn: msg`This is the only way into your account. Set a password or add a passkey first.`,
  LastAdministrator: msg`Nobody else is an administrator. Appoint another one first.`,
  TooManyThings: msg`There are as many of these as one account may have. Remove one first.`,
  InvalidImage: msg`This is not a PNG, JPEG, WebP or GIF picture, or it is too large.`,
  NotConfirmed: msg`This is not the e-mail address of your account.`,
  UnknownScope: msg`Your account does not have this right.`,
  SessionNotFound: msg`This session has ended already.`,
  PasskeyNotFound: msg`This passkey was removed already.`,
  PersonalTokenNotFound: msg`This token was revoked already.`,
  ExportNotFound: msg`This copy of the data is no longer kept.`,
  IdentityNotFound: msg`This outside account was disconnected already.`,
  ProviderNotFound: msg`There is no such way to sign in.`,
  StorageNotConfigured: msg`Files cannot be kept on this server.`,
  TooManySignIns: msg`Many people are signing in at this moment. Try again in a few seconds.`,
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
