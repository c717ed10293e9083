import { writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { runtimeFlags } from './runtime-flags.ts';

/** One program and the single file it becomes. */
export interface Bundle {
  readonly entry: string;
  readonly output: string;
  /** Written in place of the identifier FLOTILLA_VERSION. */
  readonly version: string;
}

/**
 * CommonJS libraries inside an ES module still call `require` for Node's own modules and look for their folder.
 * The names are ours, so that they cannot meet names of the bundled code.
 */
const preamble = [
  "import { createRequire as flotillaCreateRequire } from 'node:module';",
  'const require = flotillaCreateRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

/**
 * The first two lines of a program are a shell script that finds a Node that can run the rest, which to Node is a string
 * and a comment: an older Node would answer with a page of our code instead of one line about itself.
 */
const launcher = [
  '#!/bin/sh',
  [
    '":" //; node=${FLOTILLA_NODE:-node}; found=$("$node" --version 2>/dev/null)',
    `case $found in v2[4-9].*|v[3-9][0-9].*) exec "$node" ${runtimeFlags.join(' ')} "$0" "$@";; esac`,
    'echo "${0##*/} needs Node 24 or newer, and $node is ${found:-not there}: install one, or name it in FLOTILLA_NODE" >&2',
    'exit 1',
  ].join('; '),
].join('\n');

/** Bundles a program with everything it imports into one executable file; returns its size in bytes. */
export async function writeBundle(bundle: Bundle): Promise<number> {
  const result = await build({
    entryPoints: [bundle.entry],
    outfile: bundle.output,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: preamble },
    write: false,
    define: { FLOTILLA_VERSION: JSON.stringify(bundle.version) },
    // Node keeps the text of what it runs: without white space a bundle of gRPC and NATS needs 6 MB less. Names
    // stay, so that stack traces can be read. A compile cache does not help: one file is compiled before it runs.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'eof',
    logLevel: 'warning',
    // Optional native helpers that libraries try and do without.
    external: ['bufferutil', 'utf-8-validate', 'cpu-features'],
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error(`${bundle.entry} was bundled into nothing`);
  // esbuild keeps the first line of an entry that brings its own.
  const text = `${launcher}\n${file.text.replace(/^#!.*\n/, '')}`;
  await writeFile(bundle.output, text, { mode: 0o755 });
  return Buffer.byteLength(text);
}
