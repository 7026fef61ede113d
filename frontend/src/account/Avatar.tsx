import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { api, unwrap } from '../api/client';
import { Problem } from '../api/problem';
import { store } from '../api/storage';
import type { AvatarType, Me } from '../api/types';
import { Button } from '../ui/Button';
import { Portrait } from '../ui/Portrait';
import { ProblemNote } from '../ui/Problem';
import { Progress } from '../ui/Progress';
import { useChange } from './queries';

const TYPES: AvatarType[] = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];
const MOST_BYTES = 10 * 1024 * 1024;

export function Avatar({ person }: { person: Me }) {
  const { t } = useLingui();
  const [sent, setSent] = useState(0);
  const choose = useChange((file: File) => put(file, setSent));
  const remove = useChange(() => unwrap(api().DELETE('/v1/auth/me/avatar')));
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-center gap-5">
        <Portrait address={person.avatar_url} className="size-24" />
        <div className="grid gap-2">
          <div className="flex flex-wrap gap-2">
            <FileTrigger
              acceptedFileTypes={TYPES}
              onSelect={(files) => {
                const file = files?.[0];
                setSent(0);
                remove.reset();
                if (file) choose.mutate(file);
              }}
            >
              <Button look="plain" isPending={choose.isPending}>
                <Trans>Choose a picture</Trans>
              </Button>
            </FileTrigger>
            {person.avatar_url && (
              <Button look="quiet" isPending={remove.isPending} onPress={() => remove.mutate(undefined)}>
                <Trans>Remove the picture</Trans>
              </Button>
            )}
          </div>
          <p className="text-fine text-soft">
            <Trans>PNG, JPEG, WebP or GIF, up to 10 MB. We cut it to a square and keep nothing else of the file.</Trans>
          </p>
        </div>
      </div>
      {choose.isPending && <Progress label={t`Sending ${choose.variables.name}`} percent={sent} />}
      <ProblemNote error={choose.error ?? remove.error} />
    </div>
  );
}

async function put(file: File, onProgress: (percent: number) => void): Promise<Me> {
  const type = TYPES.find((one) => one === file.type);
  if (!type) throw new Problem('InvalidImage', 0, file.type);
  if (file.size > MOST_BYTES) throw new Problem('FileTooLarge', 0, String(file.size));
  const form = await unwrap(api().POST('/v1/auth/me/avatar', { body: { content_type: type, bytes: file.size } }));
  await store(form.url, form.fields, file, onProgress);
  return unwrap(api().PUT('/v1/auth/me/avatar', { body: { upload_id: form.upload_id } }));
}
