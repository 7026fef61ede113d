import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { goToProvider, providers } from '../session/external';
import { Button } from '../ui/Button';
import { List, Row } from '../ui/List';
import { ProblemNote } from '../ui/Problem';
import { When } from '../ui/When';
import { identities, useChange } from './queries';

/** Accounts elsewhere that can be used to sign in here. */
export function Identities() {
  const { t } = useLingui();
  const offered = useQuery(providers);
  const found = useQuery(identities);
  const connect = useChange(async (name: string) => {
    const start = api().POST('/v1/auth/me/identities/{name}/start', { params: { path: { name } } });
    goToProvider('connect', (await unwrap(start)).authorization_url);
  });
  const remove = useChange((id: string) =>
    unwrap(api().DELETE('/v1/auth/me/identities/{id}', { params: { path: { id } } })),
  );
  const title = (name: string) => offered.data?.find((one) => one.name === name)?.title ?? name;
  return (
    <div className="grid gap-5">
      {found.data && found.data.length > 0 && (
        <List label={t`Connected accounts`}>
          {found.data.map((identity) => (
            <Row
              key={identity.id}
              title={title(identity.provider)}
              actions={
                <Button look="quiet" isPending={remove.isPending} onPress={() => remove.mutate(identity.id)}>
                  <Trans>Disconnect</Trans>
                </Button>
              }
            >
              {identity.email && <span className="break-all">{identity.email} · </span>}
              <Trans>
                Added <When at={identity.created_at} dateOnly />
              </Trans>
            </Row>
          ))}
        </List>
      )}
      <div className="flex flex-wrap gap-3">
        {offered.data?.map(({ name, title: shown }) => (
          <Button key={name} look="plain" isPending={connect.isPending} onPress={() => connect.mutate(name)}>
            <Trans>Connect {shown}</Trans>
          </Button>
        ))}
      </div>
      <ProblemNote error={found.error ?? connect.error ?? remove.error} />
    </div>
  );
}
