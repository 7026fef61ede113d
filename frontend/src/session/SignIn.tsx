import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { CodeStep } from './CodeStep';
import { signIn } from './enter';
import { OtherWays } from './OtherWays';
import { PasswordStep } from './PasswordStep';

type Props = {
  /** The address just registered, if any. */
  registered?: string | null;
  /** Whose sign-in it has to be, when it confirms one. */
  only?: string;
  onDone?: () => void;
};

/** The password, then the code where the account wants one; or a passkey, or an outside account. */
export function SignIn({ registered = null, only, onDone }: Props) {
  const [challenge, setChallenge] = useState<string | null>(null);
  const enter = useMutation({
    mutationFn: ({ email, password }: Record<'email' | 'password', string>) => signIn(only ?? email, password),
    onSuccess: (wanted) => (wanted === null ? onDone?.() : setChallenge(wanted)),
  });
  if (challenge !== null) {
    const back = () => {
      setChallenge(null);
      enter.reset();
    };
    return <CodeStep challenge={challenge} onBack={back} onDone={onDone} />;
  }
  return (
    <div className="grid gap-4">
      <PasswordStep
        registered={registered}
        only={only}
        error={enter.error}
        isPending={enter.isPending}
        onSubmit={enter.mutate}
      />
      <OtherWays onDone={onDone} />
    </div>
  );
}
