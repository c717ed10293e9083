import type { ControlFile, FleetSpec, ParsedFile } from './model.ts';

/** Parses one file by itself. `wasOurs` = its previous state is in force, so what does not parse is a mistake in any case. */
export function parseControlFile(_file: ControlFile, _wasOurs: boolean): ParsedFile {
  throw new Error('being built');
}

/** Which paths may hold flotilla.dev documents: `*.yaml`, `*.yml`, `*.json` that `.flotillaignore` does not name. Sorted. */
export function controlPaths(
  _paths: Iterable<string>,
  _flotillaIgnore: string | undefined,
): readonly string[] {
  throw new Error('being built');
}

/** The spec that these files give together; they must be free of errors and clashes. */
export function specOf(_files: Iterable<ParsedFile>): FleetSpec {
  throw new Error('being built');
}

/** JSON Schema (2020-12) of each kind of document, from the definitions that the parser uses. */
export function jsonSchemas(): { readonly [kind: string]: unknown } {
  throw new Error('being built');
}
