import { type ApiItems, apiVersion, type ItemKind } from '@flotilla/shared/model';
import { oneOf } from '../kinds.ts';
import type { Terminal } from '../terminal.ts';
import { columnsOf } from './columns.ts';
import { safeJson } from './printable.ts';
import { TablePrinter } from './table.ts';

/** How items are printed. */
export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml' | 'name';

/** Prints items as they come, page by page. */
export interface ItemWriter<Item> {
  write(items: readonly Item[], asOfMs: number): void;
  /** Ends the output; `error` when the items are not all. */
  end(error?: object): void;
}

/** What a writer needs to know. */
export interface WriterOptions {
  readonly format: OutputFormat;
  readonly hasHeaders: boolean;
  readonly terminal: Terminal;
  /** What is wrong around the items; documents carry it in their metadata. */
  readonly warnings?: readonly string[] | undefined;
}

/** A writer of a list of a kind. */
export async function listWriter<Kind extends ItemKind>(
  kind: Kind,
  options: WriterOptions,
): Promise<ItemWriter<ApiItems[Kind]>> {
  switch (options.format) {
    case 'json':
      return jsonWriter(options);
    case 'yaml':
      return yamlWriter(options);
    case 'name':
      return nameWriter(kind, options.terminal);
    case 'table':
    case 'wide':
      return tableWriter(kind, options);
  }
}

/** One document alone, as kubectl prints it when it was named. */
export async function writeDocument(
  document: object,
  format: 'json' | 'yaml',
  { print }: Terminal,
): Promise<void> {
  if (format === 'json') print(safeJson(document, 2));
  else print((await import('./yaml.ts')).toYaml(document).trimEnd());
}

function tableWriter<Kind extends ItemKind>(
  kind: Kind,
  { format, hasHeaders, terminal }: WriterOptions,
): ItemWriter<ApiItems[Kind]> {
  const { paint, width, print } = terminal;
  const table = new TablePrinter(columnsOf(kind, format === 'wide'), { paint, hasHeaders, width });
  return {
    write(items, asOfMs) {
      for (const line of table.lines(items.map((item) => ({ item, asOfMs })))) print(line);
    },
    end() {},
  };
}

function nameWriter<Kind extends ItemKind>(kind: Kind, { print }: Terminal): ItemWriter<ApiItems[Kind]> {
  return {
    write(items) {
      for (const { metadata } of items) print(`${oneOf(kind)}/${metadata.name}`);
    },
    end() {},
  };
}

/**
 * A List whose items stream, so that a large one needs little memory. When the hub goes away in the middle the document
 * is still JSON: it then ends with an `error`.
 */
function jsonWriter<Item>({ terminal: { print }, warnings }: WriterOptions): ItemWriter<Item> {
  let isEmpty = true;
  let pending = '';
  const next = (text: string): void => {
    if (pending !== '') print(pending);
    pending = text;
  };
  const metadata =
    warnings === undefined ? '' : `  "metadata": ${indented(safeJson({ warnings }, 2), 2).trimStart()},\n`;
  print(`{\n  "apiVersion": ${JSON.stringify(apiVersion)},\n  "kind": "List",\n${metadata}  "items": [`);
  return {
    write(items) {
      for (const item of items) {
        if (!isEmpty) pending += ',';
        next(indented(safeJson(item, 2), 4));
        isEmpty = false;
      }
    },
    end(error) {
      next('');
      print(
        error === undefined ? '  ]\n}' : `  ],\n  "error": ${indented(safeJson(error, 2), 2).trimStart()}\n}`,
      );
    },
  };
}

async function yamlWriter<Item>({ terminal: { print }, warnings }: WriterOptions): Promise<ItemWriter<Item>> {
  const { toYaml } = await import('./yaml.ts');
  let isEmpty = true;
  print(`apiVersion: ${apiVersion}\nkind: List`);
  if (warnings !== undefined) print(toYaml({ metadata: { warnings } }).trimEnd());
  return {
    write(items) {
      if (items.length === 0) return;
      if (isEmpty) print('items:');
      isEmpty = false;
      print(toYaml(items).trimEnd());
    },
    end(error) {
      if (isEmpty) print('items: []');
      if (error !== undefined) print(toYaml({ error }).trimEnd());
    },
  };
}

function indented(text: string, columns: number): string {
  return text.replaceAll(/^/gm, ' '.repeat(columns));
}
