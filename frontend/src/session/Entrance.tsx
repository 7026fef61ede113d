import { Trans } from '@lingui/react/macro';
import { useState } from 'react';
import { Button } from '../ui/Button';
import { SignIn } from './SignIn';
import { SignUp } from './SignUp';

/** Sign in or sign up. After signing up the address is carried over, so that only the password is typed again. */
export function Entrance() {
  const [mode, setMode] = useState<'in' | 'up'>('in');
  const [registered, setRegistered] = useState<string | null>(null);
  return (
    <div className="max-w-md rounded-sheet border border-line bg-sheet p-5 sm:p-6">
      {mode === 'in' ? (
        <SignIn key={registered} registered={registered} />
      ) : (
        <SignUp
          onDone={(email) => {
            setRegistered(email);
            setMode('in');
          }}
        />
      )}
      <p className="mt-5 border-t border-line pt-3 text-small text-soft">
        {mode === 'in' ? <Trans>No account yet?</Trans> : <Trans>Already here before?</Trans>}{' '}
        {/* Another button for each way: on a slow machine one press can arrive twice, and the second must not undo the first. */}
        <Button key={mode} look="quiet" onPress={() => setMode(mode === 'in' ? 'up' : 'in')}>
          {mode === 'in' ? <Trans>Create an account</Trans> : <Trans>To sign-in</Trans>}
        </Button>
      </p>
    </div>
  );
}
