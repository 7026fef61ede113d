import { useLingui } from '@lingui/react/macro';
import { Field } from './Field';

export function NewPassword({ name, autoFocus = false }: { name: string; autoFocus?: boolean }) {
  const { t } = useLingui();
  return (
    <Field
      label={t`New password`}
      name={name}
      type="password"
      autoComplete="new-password"
      isRequired
      minLength={8}
      maxLength={256}
      autoFocus={autoFocus}
      hint={t`8 characters or more. A sentence works well.`}
    />
  );
}
