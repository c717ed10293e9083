import { declaredNamesIn } from '@flotilla/shared/model';
import { findVariables } from '../../release/variables.ts';
import { didYouMean } from '../nearest.ts';
import type { YamlPath } from '../yaml.ts';
import type { Reading } from './reading.ts';

/** Complains of `${cluster.…}` that names nothing a cluster has. */
export function checkVariables(text: string, path: YamlPath, reading: Reading): void {
  for (const found of findVariables(text)) {
    if (found.kind === 'unknown') {
      const hint = 'known are ${cluster.name} and ${cluster.labels.KEY}; write $${…} to keep it as text';
      reading.complain('BAD_VALUE', path, `holds ${found.text}; ${hint}`);
    }
  }
}

/** The same for every text inside a value, and of `${var.…}` that names nothing the placement declares. */
export function checkVariablesWithin(
  value: unknown,
  place: { readonly path: YamlPath; readonly declared: readonly string[] },
  reading: Reading,
): void {
  const { path, declared } = place;
  if (typeof value === 'string') {
    checkVariables(value, path, reading);
    checkDeclared(value, place, reading);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const below = [...path, Array.isArray(value) ? Number(key) : key];
    checkVariablesWithin(inner, { path: below, declared }, reading);
  }
}

function checkDeclared(
  text: string,
  { path, declared }: { readonly path: YamlPath; readonly declared: readonly string[] },
  reading: Reading,
): void {
  for (const name of declaredNamesIn(text)) {
    if (declared.includes(name)) continue;
    const hint = `spec.render.variables declares no such variable${didYouMean(name, declared)}; write $$\{var.…} to keep it as text`;
    reading.complain('BAD_VALUE', path, `holds \${var.${name}}; ${hint}`);
  }
}
