import { specFrom } from '../placement/placement-fixture.ts';
import { type ChangeWindows, changeWindows } from './change-windows.ts';
import { windowRules } from './window-rules.ts';

/** Windows as files say them; each text is what stands below spec, or a whole document that begins with `kind:`. */
export function windowsFrom(windows: { readonly [name: string]: string }): ChangeWindows {
  const documents = Object.entries(windows).map(([name, text]) =>
    text.startsWith('kind:') ? text : `kind: ChangeWindow\nmetadata: {name: ${name}}\nspec: ${text}`,
  );
  const { groups, windows: specs } = specFrom(...documents);
  return changeWindows(windowRules(specs, groups));
}
