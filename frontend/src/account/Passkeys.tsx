import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import type { Passkey } from '../api/types';
import { makePasskey, passkeysWork } from '../session/passkey';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { List, Row } from '../ui/List';
import { ProblemNote } from '../ui/Problem';
import { Skeleton } from '../ui/Section';
import { When } from '../ui/When';
import { passkeys, useChange } from './queries';

/** Sign-in by the lock of a phone or computer. */
export function Passkeys() {
  const { t } = useLingui();
  const found = useQuery(passkeys);
  if (found.isError) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  if (found.isPending) return <Skeleton className="h-10" />;
  return (
    <div className="grid gap-5">
      <p className="text-small text-soft">
        <Trans>
          Sign in by the fingerprint, face or PIN of a device: no password, and nothing that could be phished.
        </Trans>
      </p>
      {found.data.items.length > 0 && (
        <List label={t`Your passkeys`}>
          {found.data.items.map((passkey) => (
            <PasskeyRow key={passkey.id} passkey={passkey} />
          ))}
        </List>
      )}
      {passkeysWork() ? (
        <AddPasskey />
      ) : (
        <p className="text-small">
          <Trans>This browser cannot make passkeys.</Trans>
        </p>
      )}
    </div>
  );
}

function PasskeyRow({ passkey }: { passkey: Passkey }) {
  const { t } = useLingui();
  const [renaming, setRenaming] = useState(false);
  const path = { params: { path: { passkey_id: passkey.id } } };
  const remove = useChange(() => unwrap(api().DELETE('/v1/auth/me/passkeys/{passkey_id}', path)));
  const rename = useChange((name: string) =>
    unwrap(api().PATCH('/v1/auth/me/passkeys/{passkey_id}', { ...path, body: { name } })),
  );
  if (renaming) {
    return (
      <Row>
        <Form
          aria-label={t`Rename ${passkey.name}`}
          className="grid w-full items-start gap-4 sm:grid-cols-[1fr_auto_auto]"
          validationErrors={fieldErrors(rename.error)}
          onSubmit={(event) => rename.mutate(textsOf(event, 'name').name, { onSuccess: () => setRenaming(false) })}
        >
          <Field label={t`Name`} name="name" isRequired maxLength={80} autoFocus defaultValue={passkey.name} />
          <Button type="submit" look="plain" className="sm:mt-7" isPending={rename.isPending}>
            <Trans>Save</Trans>
          </Button>
          <Button look="quiet" className="sm:mt-8" onPress={() => setRenaming(false)}>
            <Trans>Not now</Trans>
          </Button>
          <ProblemNote error={rename.error} />
        </Form>
      </Row>
    );
  }
  return (
    <Row
      title={passkey.name}
      actions={
        <>
          <Button look="quiet" aria-label={t`Rename ${passkey.name}`} onPress={() => setRenaming(true)}>
            <Trans>Rename</Trans>
          </Button>
          <Button
            look="quiet"
            aria-label={t`Remove ${passkey.name}`}
            isPending={remove.isPending}
            onPress={() => remove.mutate(undefined)}
          >
            <Trans>Remove</Trans>
          </Button>
        </>
      }
    >
      <Trans>
        Added <When at={passkey.created_at} dateOnly />
      </Trans>
      {passkey.last_used_at && (
        <>
          {' · '}
          <Trans>
            last used <When at={passkey.last_used_at} />
          </Trans>
        </>
      )}
      <ProblemNote error={remove.error} />
    </Row>
  );
}

function AddPasskey() {
  const { t } = useLingui();
  const add = useChange(async (name: string) => {
    const { challenge, options } = await unwrap(api().POST('/v1/auth/me/passkeys/options'));
    const credential = await makePasskey(options);
    return unwrap(api().POST('/v1/auth/me/passkeys', { body: { challenge, name, credential } }));
  });
  return (
    <Form
      aria-label={t`Add a passkey`}
      className="grid items-start gap-4 sm:grid-cols-[1fr_auto]"
      validationErrors={fieldErrors(add.error)}
      onSubmit={(event) => {
        const form = event.currentTarget;
        add.mutate(textsOf(event, 'name').name, { onSuccess: () => form.reset() });
      }}
    >
      <Field
        label={t`Name of the passkey`}
        name="name"
        isRequired
        maxLength={80}
        autoComplete="off"
        hint={t`So that you know it again: “Phone”, “Blue key”.`}
      />
      <Button type="submit" look="plain" className="sm:mt-7" isPending={add.isPending}>
        <Trans>Add a passkey</Trans>
      </Button>
      <div className="sm:col-span-full">
        <ProblemNote error={add.error} />
      </div>
    </Form>
  );
}
