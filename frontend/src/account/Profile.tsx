import { Trans, useLingui } from '@lingui/react/macro';
import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import type { Me, MeUpdate } from '../api/types';
import { Button } from '../ui/Button';
import { Choice } from '../ui/Choice';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { Done } from '../ui/Notice';
import { ProblemNote } from '../ui/Problem';
import { countryOptions, timeZoneOptions } from './places';
import { useChange } from './queries';

const TEXTS = ['full_name', 'about', 'phone', 'birth_date', 'city'] as const;

export function Profile({ person }: { person: Me }) {
  const { t, i18n } = useLingui();
  const [locale, setLocale] = useState(person.locale);
  const [country, setCountry] = useState(person.country ?? '');
  const [zone, setZone] = useState(person.time_zone ?? '');
  const save = useChange((change: MeUpdate) => unwrap(api().PATCH('/v1/auth/me', { body: change })));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const { display_name, ...texts } = textsOf(event, 'display_name', ...TEXTS);
    const change: MeUpdate = { display_name, locale, country: country || null, time_zone: zone || null };
    for (const name of TEXTS) change[name] = texts[name].trim() || null;
    save.mutate(change);
  };
  return (
    <Form
      aria-label={t`Profile`}
      className="grid gap-4 sm:grid-cols-2"
      validationErrors={fieldErrors(save.error)}
      onSubmit={submit}
    >
      <Field
        label={t`Name`}
        name="display_name"
        isRequired
        maxLength={80}
        autoComplete="nickname"
        defaultValue={person.display_name}
        hint={t`Stands by your posts.`}
      />
      <Field
        label={t`Full name`}
        name="full_name"
        maxLength={100}
        autoComplete="name"
        defaultValue={person.full_name ?? ''}
      />
      <div className="sm:col-span-2">
        <Field label={t`About you`} name="about" rows={3} maxLength={1000} defaultValue={person.about ?? ''} />
      </div>
      <Field
        label={t`Phone`}
        name="phone"
        type="tel"
        autoComplete="tel"
        defaultValue={person.phone ?? ''}
        hint={t`With the country: +44 20 7946 0958`}
      />
      <Field
        label={t`Birthday`}
        name="birth_date"
        type="date"
        autoComplete="bday"
        defaultValue={person.birth_date ?? ''}
      />
      <Choice label={t`Country`} value={country} onChange={setCountry} options={countryOptions(i18n.locale)} />
      <Field
        label={t`City`}
        name="city"
        maxLength={100}
        autoComplete="address-level2"
        defaultValue={person.city ?? ''}
      />
      <Choice
        label={t`Time zone`}
        value={zone}
        onChange={setZone}
        options={timeZoneOptions(person.time_zone ?? null)}
      />
      <Choice
        label={t`Language of our letters`}
        value={locale}
        onChange={setLocale}
        options={[
          { value: 'en', label: 'English' },
          { value: 'ru', label: 'Русский' },
        ]}
      />
      <div className="grid justify-items-start gap-3 sm:col-span-2">
        <ProblemNote error={save.error} />
        {save.isSuccess && (
          <Done>
            <Trans>Saved.</Trans>
          </Done>
        )}
        <Button type="submit" isPending={save.isPending}>
          <Trans>Save</Trans>
        </Button>
      </div>
    </Form>
  );
}
