import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '@flotilla/shared/base';
import { type CliOptions, createVitest, type TestModule, type Vitest } from 'vitest/node';
import { rootFolder } from '../tools/index.ts';
import { breakText } from './break-text.ts';
import { namedAfter, type SeenRun, type SeenTest } from './judge-run.ts';
import type { InvariantName, Mutant } from './mutant.ts';

const minuteMs = 60_000;

/**
 * Runs test files one after the other, each in a fresh worker, with at most one mutant in the code. The mutant exists only
 * in what is handed to the worker: no file is written, so whatever ends this process leaves nothing behind.
 */
export class VitestLane implements AsyncDisposable {
  readonly #vitest: Vitest;
  readonly #setMutant: (mutant: Mutant | undefined) => void;

  private constructor(vitest: Vitest, setMutant: (mutant: Mutant | undefined) => void) {
    this.#vitest = vitest;
    this.#setMutant = setMutant;
  }

  static async start(): Promise<VitestLane> {
    let current: Mutant | undefined;
    const mutating = {
      name: 'flotilla-mutant',
      enforce: 'pre',
      transform(_code: string, id: string) {
        if (current === undefined || id !== join(rootFolder, current.file)) return undefined;
        const broken = breakText(readFileSync(id, 'utf8'), current);
        assert(broken.ok, 'mutants that do not fit are found before any runs');
        return { code: broken.value, map: null };
      },
    } as const;
    const options: CliOptions = {
      config: false,
      root: rootFolder,
      // Runs again and again, but when it is told to, not when files change.
      watch: true,
      include: ['**/*.test.ts'],
      reporters: [{}],
      setupFiles: [join(import.meta.dirname, 'fixed-seed.ts')],
      pool: 'threads',
      isolate: true,
      fileParallelism: false,
      bail: 1,
      testTimeout: minuteMs,
      // The cache of every other run must not get to see a mutant.
      fsModuleCache: false,
    };
    const vitest = await createVitest(options, { plugins: [mutating], server: { watch: null } });
    return new VitestLane(vitest, (mutant) => {
      for (const one of [current, mutant]) if (one) vitest.invalidateFile(join(rootFolder, one.file));
      current = mutant;
    });
  }

  /** Runs the tests of an invariant in one file, with this mutant or without any. */
  async run(path: string, invariant: InvariantName, mutant: Mutant | undefined): Promise<SeenRun> {
    this.#setMutant(mutant);
    const file = join(rootFolder, path);
    const pattern = namedAfter(invariant);
    const specification = this.#vitest
      .getRootProject()
      .createSpecification(file, { testNamePattern: pattern });
    const { testModules, unhandledErrors } = await this.#vitest.runTestSpecifications([specification]);
    const modules = testModules.filter((one) => one.moduleId === file);
    const troubles = [...modules.flatMap((one) => one.errors()), ...unhandledErrors].map(firstLine);
    return { tests: modules.flatMap(testsOf), troubles };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#vitest.close();
  }
}

function testsOf(module: TestModule): readonly SeenTest[] {
  return [...module.children.allTests()].flatMap((test): SeenTest[] => {
    const result = test.result();
    const name = test.fullName.replaceAll(' > ', ' ');
    if (result.state === 'passed') return [{ name, failure: undefined }];
    return result.state === 'failed' ? [{ name, failure: rootOf(result.errors[0]) }] : [];
  });
}

interface Thrown {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
}

/** Property tests wrap what was thrown. */
function rootOf(error: Thrown | undefined): { readonly name: string; readonly message: string } {
  const { cause } = error ?? {};
  if (typeof cause === 'object' && cause !== null) return rootOf(cause);
  return { name: String(error?.name ?? 'Error'), message: firstLine(error) };
}

function firstLine(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return String(message).trim().split('\n')[0] ?? '';
}
