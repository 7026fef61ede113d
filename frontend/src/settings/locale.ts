import { i18n } from '@lingui/core';

export type Locale = 'en' | 'ru';

const KEY = 'artel.locale';

const catalogues = {
  en: () => import('../locales/en/messages.po'),
  ru: () => import('../locales/ru/messages.po'),
};

/** What the reader chose, else the first of the browser's languages that we speak. */
export function preferredLocale(): Locale {
  const wanted = [localStorage.getItem(KEY), ...navigator.languages].map((tag) => tag?.slice(0, 2).toLowerCase());
  return wanted.find((tag): tag is Locale => tag === 'en' || tag === 'ru') ?? 'en';
}

export async function activate(locale: Locale): Promise<void> {
  const { messages } = await catalogues[locale]();
  i18n.loadAndActivate({ locale, messages });
  document.documentElement.lang = locale;
}

export async function choose(locale: Locale): Promise<void> {
  await activate(locale);
  localStorage.setItem(KEY, locale);
}
