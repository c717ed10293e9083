/** The one place where the YAML library enters the command line; loaded only for `-o yaml`. */
import { stringify } from 'yaml';

/** A value as YAML. Long lines stay whole, and no anchors are used. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
