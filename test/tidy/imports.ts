import { type BlankedText, lineAt } from './source-text.ts';

/** One import, re-export or dynamic import of a source file. */
export interface Import {
  /** What stands between the quotes. */
  readonly specifier: string;
  readonly line: number;
  /** Disappears when types are stripped. */
  readonly isTypeOnly: boolean;
  readonly isDynamic: boolean;
}

const staticImport = /\b(import|export)\s+((?:type\s+)?)([\w$*{}\s,]*?)\bfrom\s*(['"])([^'"]+)\4/g;
const sideEffectImport = /\bimport\s*(['"])([^'"]+)\1/g;
const dynamicImport = /\bimport\s*\(\s*(['"])([^'"]+)\1/g;

/** Every import of a source text, in order of kind, then of place. What strings and comments say is none. */
export function parseImports({ withoutComments, code }: BlankedText): readonly Import[] {
  const imports: Import[] = [];
  const add = (found: RegExpExecArray, specifier: string | undefined, kind: Partial<Import>): void => {
    if (specifier === undefined || !/^(?:im|ex)port/.test(code.slice(found.index))) return;
    const line = lineAt(withoutComments, found.index);
    imports.push({ specifier, line, isTypeOnly: false, isDynamic: false, ...kind });
  };
  for (const found of withoutComments.matchAll(staticImport)) {
    const isTypeOnly = found[2] !== '' || areAllTypes(found[3] ?? '');
    add(found, found[5], { isTypeOnly });
  }
  for (const found of withoutComments.matchAll(sideEffectImport)) add(found, found[2], {});
  for (const found of withoutComments.matchAll(dynamicImport)) add(found, found[2], { isDynamic: true });
  return imports;
}

/** `{ type A, type B }`: nothing of it is left at run time. */
function areAllTypes(clause: string): boolean {
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1];
  if (names === undefined) return false;
  const parts = names.split(',').filter((part) => part.trim() !== '');
  return parts.length > 0 && parts.every((part) => /^\s*type\s/.test(part));
}
