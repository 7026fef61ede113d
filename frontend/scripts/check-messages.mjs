// Every message in the sources is in the catalogues, none is left over, and each has its Russian.
// The catalogues are put back as they were, times and all, so that a check makes no build stale.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';

const files = ['en', 'ru'].map((locale) => new URL(`../src/locales/${locale}/messages.po`, import.meta.url));
const before = files.map((file) => readFileSync(file, 'utf8'));
const times = files.map((file) => statSync(file));
const undated = (text) => text.replace(/^"POT-Creation-Date:.*$/m, '');
const untranslated = (text) =>
  text.split('\n\n').filter((entry) => /^msgstr ""\s*$/m.test(entry) && !entry.includes('msgid ""'));

let faults = 0;
try {
  execFileSync('lingui', ['extract', '--clean'], { stdio: ['ignore', 'ignore', 'inherit'] });
  for (const [index, file] of files.entries()) {
    const now = readFileSync(file, 'utf8');
    const name = file.pathname.split('/').slice(-3).join('/');
    if (undated(now) !== undated(before[index])) {
      console.error(`${name} is not what the sources say: run \`npm run messages\`.`);
      faults += 1;
    }
    for (const entry of untranslated(now)) {
      console.error(`${name}: not translated:\n${entry}\n`);
      faults += 1;
    }
  }
} finally {
  files.forEach((file, index) => {
    writeFileSync(file, before[index]);
    utimesSync(file, times[index].atime, times[index].mtime);
  });
}
if (faults) process.exit(1);
console.log('Messages are complete in both languages.');
