import { useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { choose, type Locale } from './locale';
import { chooseTheme, shownTheme, type Theme } from './theme';

const quiet =
  'grid h-9 min-w-9 cursor-pointer place-items-center rounded-control px-2 text-small text-soft hover:bg-sunken hover:text-ink';

/** Names the other language in that language, so that its readers find it. */
export function LanguageSwitch() {
  const { i18n } = useLingui();
  const other: Locale = i18n.locale === 'ru' ? 'en' : 'ru';
  const name = other === 'ru' ? 'Русский' : 'English';
  return (
    <Button className={quiet} onPress={() => void choose(other)}>
      <span lang={other}>{name}</span>
    </Button>
  );
}

export function ThemeSwitch() {
  const { t } = useLingui();
  const [theme, setTheme] = useState<Theme>(shownTheme);
  const other: Theme = theme === 'dark' ? 'light' : 'dark';
  return (
    <Button
      className={quiet}
      aria-label={other === 'dark' ? t`Dark theme` : t`Light theme`}
      onPress={() => {
        chooseTheme(other);
        setTheme(other);
      }}
    >
      <svg viewBox="0 0 20 20" className="size-5" aria-hidden="true">
        <circle cx="10" cy="10" r="6.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M10 3.75a6.25 6.25 0 0 1 0 12.5z" fill="currentColor" />
      </svg>
    </Button>
  );
}
