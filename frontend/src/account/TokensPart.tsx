import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import type { PersonalToken } from '../api/types';
import { Button } from '../ui/Button';
import { CopyButton } from '../ui/CopyButton';
import { List, Row } from '../ui/List';
import { ProblemNote } from '../ui/Problem';
import { Section, Skeleton } from '../ui/Section';
import { When } from '../ui/When';
import { NewToken } from './NewToken';
import { tokens, useChange } from './queries';
import { scopeName } from './scopes';

/** Tokens for programs of one's own. */
export function TokensPart() {
  const { t } = useLingui();
  const found = useQuery(tokens);
  const [made, setMade] = useState<string | null>(null);
  return (
    <Section id="tokens" title={t`Personal access tokens`}>
      <div className="grid gap-6">
        <p className="text-small text-soft">
          <Trans>
            For programs of your own: a token stands for you, as far as its rights go. It never changes the account
            itself.
          </Trans>
        </p>
        {found.isPending && <Skeleton className="h-10" />}
        <ProblemNote error={found.error} />
        {found.data && found.data.items.length > 0 && (
          <List label={t`Your tokens`}>
            {found.data.items.map((token) => (
              <TokenRow key={token.id} token={token} />
            ))}
          </List>
        )}
        {made ? <Made token={made} onKept={() => setMade(null)} /> : <NewToken onMade={setMade} />}
      </div>
    </Section>
  );
}

function Made({ token, onKept }: { token: string; onKept: () => void }) {
  return (
    <div role="status" className="grid justify-items-start gap-3 rounded-sheet bg-accent-wash p-4">
      <p>
        <Trans>Copy the token now: it is not shown again.</Trans>
      </p>
      <code data-testid="token" className="text-small break-all">
        {token}
      </code>
      <div className="flex gap-3">
        <CopyButton text={token} />
        <Button onPress={onKept}>
          <Trans>I have kept it</Trans>
        </Button>
      </div>
    </div>
  );
}

function TokenRow({ token }: { token: PersonalToken }) {
  const { t, i18n } = useLingui();
  const revoke = useChange(() =>
    unwrap(api().DELETE('/v1/auth/me/tokens/{token_id}', { params: { path: { token_id: token.id } } })),
  );
  const rights = token.scope.split(' ').map((scope) => scopeName(scope, i18n));
  return (
    <Row
      title={token.name}
      actions={
        <Button
          look="quiet"
          aria-label={t`Revoke ${token.name}`}
          isPending={revoke.isPending}
          onPress={() => revoke.mutate(undefined)}
        >
          <Trans>Revoke</Trans>
        </Button>
      }
    >
      {new Intl.ListFormat(i18n.locale).format(rights)}
      <br />
      <Trans>
        until <When at={token.expires_at} dateOnly />
      </Trans>
      {' · '}
      {token.last_used_at ? (
        <Trans>
          last used <When at={token.last_used_at} />
        </Trans>
      ) : (
        <Trans>never used</Trans>
      )}
      <ProblemNote error={revoke.error} />
    </Row>
  );
}
