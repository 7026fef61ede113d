import { useLingui } from '@lingui/react/macro';
import { Field } from './Field';

/** The six digits of an authenticator app. Phones and password managers fill it in. */
export function CodeField() {
  const { t } = useLingui();
  return (
    <Field
      label={t`Code from the app`}
      name="code"
      autoComplete="one-time-code"
      inputMode="numeric"
      pattern="\s*[0-9]{3}\s*[0-9]{3}\s*"
      maxLength={9}
      isRequired
      autoFocus
      hint={t`Six digits, which change every half minute.`}
    />
  );
}
