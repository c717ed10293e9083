import { parseDurationMs } from '@flotilla/shared/base';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** Flags that every command which calls the hub has. */
export function addOutput(command: Command, formats: readonly string[]): void {
  command
    .addOption(new Option('-o, --output <format>', 'how to print').choices([...formats]).default('table'))
    .option('--hub <url>', 'the hub to call (FLOTILLA_HUB)')
    .option('--token-file <path>', 'file with its admin token (FLOTILLA_TOKEN_FILE)')
    .option('--data-dir <path>', 'data folder of a hub on this machine (FLOTILLA_DATA_DIR)');
}

/** A positive whole number that is not absurd. */
export function readCount(text: string): number {
  if (/^[1-9][0-9]{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is not a number from 1 to 9999999.');
}

/** A duration such as `30s` or `10m`, in milliseconds. */
export function readDuration(text: string): number {
  const read = parseDurationMs(text);
  if (read.ok && read.value > 0) return read.value;
  throw new InvalidArgumentError('It is not a duration such as 30s, 10m or 1h.');
}
