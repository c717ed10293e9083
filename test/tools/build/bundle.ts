import { chmod, readFile } from 'node:fs/promises';
import { build } from 'esbuild';

/** One program and the single file it becomes. */
export interface Bundle {
  readonly entry: string;
  readonly output: string;
  /** Written in place of the identifier FLOTILLA_VERSION. */
  readonly version: string;
}

/**
 * CommonJS libraries inside an ES module still call `require` for Node's own modules and look for their folder.
 * The names are ours, so that they cannot meet names of the bundled code. An entry's own first line `#!` stays the first.
 */
const preamble = [
  "import { createRequire as flotillaCreateRequire } from 'node:module';",
  'const require = flotillaCreateRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

const shebang = '#!/usr/bin/env node';

/** Bundles a program with everything it imports into one executable file; returns its size in bytes. */
export async function writeBundle(bundle: Bundle): Promise<number> {
  const hasShebang = (await readFile(bundle.entry, 'utf8')).startsWith('#!');
  const result = await build({
    entryPoints: [bundle.entry],
    outfile: bundle.output,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: hasShebang ? preamble : `${shebang}\n${preamble}` },
    define: { FLOTILLA_VERSION: JSON.stringify(bundle.version) },
    // Node keeps the text of what it runs: without white space a bundle of gRPC and NATS needs 6 MB less. Names
    // stay, so that stack traces can be read. A compile cache does not help: one file is compiled before it runs.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'eof',
    metafile: true,
    logLevel: 'warning',
    // Optional native helpers that libraries try and do without.
    external: ['bufferutil', 'utf-8-validate', 'cpu-features'],
  });
  await chmod(bundle.output, 0o755);
  return Object.values(result.metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
}
