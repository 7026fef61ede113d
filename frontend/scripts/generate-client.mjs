// Writes src/api/schema.d.ts, the types of the API client, from the committed openapi.json.
// --check: writes nothing and fails when the file is not what would be written.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';

const source = new URL(process.env.OPENAPI ?? '../../openapi.json', import.meta.url);
const target = new URL('../src/api/schema.d.ts', import.meta.url);

const wanted = COMMENT_HEADER + astToString(await openapiTS(source, { alphabetize: true, defaultNonNullable: false }));

if (process.argv.includes('--check')) {
  const present = await readFile(target, 'utf8').catch(() => '');
  if (present !== wanted) {
    console.error('src/api/schema.d.ts is not what openapi.json says: run `npm run generate`.');
    process.exit(1);
  }
  console.log('src/api/schema.d.ts agrees with openapi.json.');
} else {
  await writeFile(target, wanted);
  console.log('Wrote src/api/schema.d.ts.');
}
