import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { me } from '../account/queries';
import { Button } from '../ui/Button';
import { Portrait } from '../ui/Portrait';
import { signOut } from './enter';

/** Who is signed in, the way to their account, and the way out. */
export function Member() {
  const found = useQuery(me);
  const leave = useMutation({ mutationFn: signOut });
  return (
    <>
      <Link to="/account" className="flex min-h-9 min-w-9 items-center gap-2 text-small font-medium hover:underline">
        <Portrait address={found.data?.avatar_url} />
        <span className="hidden max-w-40 truncate sm:inline">{found.data?.display_name}</span>
        <span className="sr-only">
          <Trans>Your account</Trans>
        </span>
      </Link>
      <Button look="quiet" isPending={leave.isPending} onPress={() => leave.mutate()}>
        <Trans>Sign out</Trans>
      </Button>
    </>
  );
}
