import type { I18n, MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';

const EVERYBODYS = ['posts:write', 'money:read', 'money:write', 'analytics:read', 'analytics:write'];

/** What a personal token of theirs may be given; the server knows the same. */
export function tokenScopes(roles: string[]): string[] {
  const scopes = [...EVERYBODYS];
  const isOneOf = (...wanted: string[]) => roles.some((role) => wanted.includes(role));
  if (isOneOf('moderator', 'admin')) scopes.push('posts:moderate');
  if (isOneOf('auditor', 'admin')) scopes.push('audit:read');
  return scopes;
}

const names: Record<string, MessageDescriptor> = {
  'posts:write': msg`write posts`,
  'money:read': msg`see accounts and entries`,
  'money:write': msg`move money`,
  'analytics:read': msg`read data`,
  'analytics:write': msg`upload workbooks`,
  'posts:moderate': msg`moderate posts`,
  'audit:read': msg`read the audit log`,
};

export const scopeName = (scope: string, i18n: I18n): string => (names[scope] ? i18n._(names[scope]) : scope);
