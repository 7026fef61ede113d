import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { Button } from '../ui/Button';
import { signOut } from './enter';

/** Who is signed in, and the way out. */
export function Member() {
  const me = useQuery({ queryKey: ['me'], queryFn: () => unwrap(api().GET('/v1/auth/me')) });
  const leave = useMutation({ mutationFn: signOut });
  return (
    <>
      <span className="hidden max-w-40 truncate text-small font-medium sm:inline">{me.data?.display_name}</span>
      <Button look="quiet" isPending={leave.isPending} onPress={() => leave.mutate()}>
        <Trans>Sign out</Trans>
      </Button>
    </>
  );
}
