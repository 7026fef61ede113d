import { defineConfig } from '@lingui/cli';
import { formatter } from '@lingui/format-po';

export default defineConfig({
  sourceLocale: 'en',
  locales: ['en', 'ru'],
  catalogs: [{ path: '<rootDir>/src/locales/{locale}/messages', include: ['src'] }],
  // Without line numbers a catalogue changes only when a message does.
  format: formatter({ lineNumbers: false }),
  orderBy: 'message',
});
