import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { Button } from '../ui/Button';
import { ProblemNote } from '../ui/Problem';
import { signInWithPasskey } from './enter';
import { goToProvider, providers } from './external';
import { passkeysWork } from './passkey';

/** Ways in without a password. */
export function OtherWays({ onDone }: { onDone: (() => void) | undefined }) {
  const passkey = useMutation({ mutationFn: signInWithPasskey, onSuccess: () => onDone?.() });
  const found = useQuery(providers);
  const outside = useMutation({
    mutationFn: async (name: string) => {
      const start = api().POST('/v1/auth/login/external/{name}/start', { params: { path: { name } } });
      goToProvider('sign-in', (await unwrap(start)).authorization_url);
    },
  });
  return (
    <div className="grid gap-2">
      {passkeysWork() && (
        <Button look="plain" isPending={passkey.isPending} onPress={() => passkey.mutate()}>
          <Trans>Sign in with a passkey</Trans>
        </Button>
      )}
      {found.data?.map(({ name, title }) => (
        <Button key={name} look="plain" isPending={outside.isPending} onPress={() => outside.mutate(name)}>
          <Trans>Sign in with {title}</Trans>
        </Button>
      ))}
      <ProblemNote error={passkey.error ?? outside.error} />
    </div>
  );
}
