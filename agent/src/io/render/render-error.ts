import { FlotillaError } from '@flotilla/shared/base';

/** A render child could not be run, or refused the files. `never`: the files or the settings must change. */
export class RenderError extends FlotillaError {
  override readonly name = 'RenderError';
}
