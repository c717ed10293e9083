import { join } from 'node:path';
import { describeError, err, ok, type Result } from '@flotilla/shared/base';
import { formatHostPort, type HostPort, writeFileAtomically } from '@flotilla/shared/kit';
import { type CliContext, cliContextFile, cliContextFormat } from '@flotilla/shared/model';

/** Where the command line will look for this hub. */
export interface CliContextOptions {
  /** Absolute. */
  readonly dataDir: string;
  /** What the API listens on. */
  readonly address: HostPort;
  /** Absolute path of the admin token. */
  readonly tokenFile: string;
  /** Path of the user's pointer (`cliPointerPath(env)`); undefined = none is written. */
  readonly pointer: string | undefined;
}

/**
 * Tells the command line where this hub is: a file in the data folder, and the user's pointer to the hub that was
 * started last. Neither holds a secret. The error says why the pointer could not be written; the hub works without it.
 */
export async function writeCliContext(options: CliContextOptions): Promise<Result<void, string>> {
  const { dataDir, address, tokenFile, pointer } = options;
  const context: CliContext = {
    format: cliContextFormat,
    hub: `http://${formatHostPort(address)}`,
    tokenFile,
    dataDir,
  };
  const text = `${JSON.stringify(context, undefined, 2)}\n`;
  await writeFileAtomically(join(dataDir, cliContextFile), text);
  if (pointer === undefined) return ok(undefined);
  try {
    await writeFileAtomically(pointer, text);
    return ok(undefined);
  } catch (error) {
    return err(`${pointer} cannot be written: ${describeError(error)}`);
  }
}
