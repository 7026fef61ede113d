import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { me } from '../account/queries';
import { api, unwrap } from '../api/client';
import { Button } from '../ui/Button';
import { ProblemNote } from '../ui/Problem';

/** Reminds of the letter with the link, until it is followed. */
export function Unverified() {
  const found = useQuery(me);
  const send = useMutation({
    mutationFn: (email: string) => unwrap(api().POST('/v1/auth/verify-email/resend', { body: { email } })),
  });
  if (!found.data || found.data.email_verified) return null;
  const { email } = found.data;
  return (
    <div className="border-b border-line bg-accent-wash">
      <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-4 px-4 py-1.5 text-small">
        <p role="status" className="min-w-0">
          {send.isSuccess ? (
            <Trans>Another letter is on its way to {email}. The link in it replaces the earlier one.</Trans>
          ) : (
            <Trans>Your address {email} is not verified yet: follow the link in our letter.</Trans>
          )}
        </p>
        {!send.isSuccess && (
          <Button look="quiet" isPending={send.isPending} onPress={() => send.mutate(email)}>
            <Trans>Send it again</Trans>
          </Button>
        )}
        <ProblemNote error={send.error} />
      </div>
    </div>
  );
}
