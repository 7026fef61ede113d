import { useLingui } from '@lingui/react/macro';

/** A moment, in the reader's language and time zone. */
export function When({ at, dateOnly = false }: { at: string; dateOnly?: boolean }) {
  const { i18n } = useLingui();
  const form = new Intl.DateTimeFormat(i18n.locale, {
    dateStyle: 'medium',
    ...(!dateOnly && { timeStyle: 'short' as const }),
  });
  return <time dateTime={at}>{form.format(new Date(at))}</time>;
}
