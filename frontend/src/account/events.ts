import type { I18n, MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';

const names: Record<string, MessageDescriptor> = {
  registered: msg`Account created`,
  registered_again: msg`Somebody signed up with this address again`,
  email_verified: msg`E-mail address verified`,
  email_change_asked: msg`Asked to change the e-mail address`,
  email_changed: msg`E-mail address changed`,
  signed_in: msg`Signed in`,
  sign_in_failed: msg`Sign-in failed`,
  refresh_token_replayed: msg`Session ended: its key was used twice`,
  signed_out: msg`Signed out`,
  session_revoked: msg`Session ended`,
  sessions_revoked: msg`Sessions ended`,
  password_changed: msg`Password changed`,
  password_reset_asked: msg`Asked for a new password`,
  password_reset: msg`Password set anew by letter`,
  profile_changed: msg`Profile changed`,
  avatar_changed: msg`Picture changed`,
  totp_enabled: msg`Authenticator app turned on`,
  totp_disabled: msg`Authenticator app turned off`,
  recovery_codes_made: msg`Recovery codes made`,
  recovery_code_used: msg`Recovery code used`,
  passkey_added: msg`Passkey added`,
  passkey_removed: msg`Passkey removed`,
  token_created: msg`Access token made`,
  token_revoked: msg`Access token revoked`,
  token_exchanged: msg`Access token used`,
  identity_linked: msg`Outside account connected`,
  identity_unlinked: msg`Outside account disconnected`,
  export_asked: msg`Asked for a copy of the data`,
  export_ready: msg`Copy of the data ready`,
  export_read: msg`Copy of the data downloaded`,
  deletion_asked: msg`Asked to delete the account`,
  restored: msg`Account restored`,
  disabled: msg`Account disabled`,
  enabled: msg`Account enabled`,
  roles_changed: msg`Roles changed`,
};

/** What an entry of the audit log says to the person it is about. */
export const eventName = (event: string, i18n: I18n): string => (names[event] ? i18n._(names[event]) : event);
