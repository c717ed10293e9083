import { findVariables } from '../../release/variables.ts';
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

/** The same for every text inside a value. */
export function checkVariablesWithin(value: unknown, path: YamlPath, reading: Reading): void {
  if (typeof value === 'string') checkVariables(value, path, reading);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    checkVariablesWithin(inner, [...path, Array.isArray(value) ? Number(key) : key], reading);
  }
}
