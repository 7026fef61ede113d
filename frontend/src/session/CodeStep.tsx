import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { Button } from '../ui/Button';
import { CodeField } from '../ui/CodeField';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { ProblemNote } from '../ui/Problem';
import { type SecondFactor, signInWithCode } from './enter';

type Props = { challenge: string; onBack: () => void; onDone: (() => void) | undefined };

/** The second step, of accounts with an authenticator app. */
export function CodeStep({ challenge, onBack, onDone }: Props) {
  const { t } = useLingui();
  const [lost, setLost] = useState(false);
  const enter = useMutation({
    mutationFn: (factor: SecondFactor) => signInWithCode(challenge, factor),
    onSuccess: () => onDone?.(),
  });
  const switchTo = (recovery: boolean) => {
    setLost(recovery);
    enter.reset();
  };
  return (
    <Form
      key={String(lost)}
      className="grid gap-4"
      aria-labelledby="code-title"
      validationErrors={fieldErrors(enter.error)}
      onSubmit={(event) => {
        const { code, recovery_code } = textsOf(event, 'code', 'recovery_code');
        enter.mutate(lost ? { recovery_code: recovery_code.trim() } : { code: code.replace(/\s/g, '') });
      }}
    >
      <h2 id="code-title" className="text-title tracking-tight">
        <Trans>One more step</Trans>
      </h2>
      {lost ? (
        <Field
          label={t`Recovery code`}
          name="recovery_code"
          autoComplete="off"
          isRequired
          autoFocus
          hint={t`One of the ten codes you kept when you set up the app. Each works once.`}
        />
      ) : (
        <CodeField />
      )}
      <ProblemNote error={enter.error} />
      <Button type="submit" isPending={enter.isPending}>
        <Trans>Sign in</Trans>
      </Button>
      <p className="flex flex-wrap justify-between gap-x-6">
        <Button look="quiet" onPress={() => switchTo(!lost)}>
          {lost ? <Trans>Use the app instead</Trans> : <Trans>Use a recovery code</Trans>}
        </Button>
        <Button look="quiet" onPress={onBack}>
          <Trans>Begin anew</Trans>
        </Button>
      </p>
    </Form>
  );
}
