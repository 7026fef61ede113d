import { Plural, Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { Button } from '../ui/Button';
import { ProblemNote } from '../ui/Problem';
import { Skeleton } from '../ui/Section';
import { factors, useChange } from './queries';
import { RecoveryCodes } from './RecoveryCodes';
import { TotpSetup } from './TotpSetup';

/** Codes of an app on the phone as a second step after the password. */
export function Authenticator() {
  const found = useQuery(factors);
  const [codes, setCodes] = useState<string[] | null>(null);
  const begin = useChange(() => unwrap(api().POST('/v1/auth/me/mfa/totp')));
  if (found.isError) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  if (found.isPending) return <Skeleton className="h-10" />;
  if (codes) return <RecoveryCodes codes={codes} onKept={() => setCodes(null)} />;
  if (found.data.totp) return <TurnedOn left={found.data.recovery_codes_left} onCodes={setCodes} />;
  if (begin.data) {
    const secret = begin.data;
    const done = (made: string[]) => {
      setCodes(made);
      begin.reset();
    };
    return <TotpSetup secret={secret} onDone={done} onCancel={begin.reset} />;
  }
  return (
    <div className="grid justify-items-start gap-4">
      <p className="text-small text-soft">
        <Trans>
          After the password, sign-in then asks for a code of an app on your phone. Whoever learns your password still
          cannot get in.
        </Trans>
      </p>
      <ProblemNote error={begin.error} />
      <Button look="plain" isPending={begin.isPending} onPress={() => begin.mutate(undefined)}>
        <Trans>Set up an app</Trans>
      </Button>
    </div>
  );
}

function TurnedOn({ left, onCodes }: { left: number; onCodes: (codes: string[]) => void }) {
  const renew = useChange(() => unwrap(api().POST('/v1/auth/me/mfa/recovery-codes')));
  const off = useChange(() => unwrap(api().DELETE('/v1/auth/me/mfa/totp')));
  return (
    <div className="grid justify-items-start gap-4">
      <p>
        <Trans>An app is set up: sign-in asks for its code after the password.</Trans>{' '}
        <span className="text-small text-soft">
          <Plural value={left} one="# recovery code left." other="# recovery codes left." />
        </span>
      </p>
      <ProblemNote error={renew.error ?? off.error} />
      <div className="flex flex-wrap gap-x-6 gap-y-2">
        <Button
          look="plain"
          isPending={renew.isPending}
          onPress={() => renew.mutate(undefined, { onSuccess: ({ recovery_codes }) => onCodes(recovery_codes) })}
        >
          <Trans>Make new recovery codes</Trans>
        </Button>
        <Button look="quiet" isPending={off.isPending} onPress={() => off.mutate(undefined)}>
          <Trans>Turn the app off</Trans>
        </Button>
      </div>
    </div>
  );
}
