import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folders = ['raw', 'scripts'] as const;
const allowed = /^(@flotilla\/proto\/|@grpc\/grpc-js$|node:|\.\.?\/)/;

function importsOf(folder: string): readonly (readonly [string, string])[] {
  const url = new URL(`./${folder}/`, import.meta.url);
  return readdirSync(url).flatMap((file) => {
    const text = readFileSync(new URL(file, url), 'utf8');
    return [...text.matchAll(/from '([^']+)'/g)].map(
      (match) => [`${folder}/${file}`, match[1] ?? ''] as const,
    );
  });
}

test('the raw peer and the scripts know the messages and gRPC, and nothing of the product', () => {
  const imports = folders.flatMap(importsOf);
  const foreign = imports.filter(
    ([, name]) => !allowed.test(name) || name.startsWith('../ends') || name.startsWith('../fleet'),
  );

  expect(imports.length).toBeGreaterThan(20);
  expect(foreign).toEqual([]);
});
