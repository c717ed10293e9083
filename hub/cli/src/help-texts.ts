/** What stands at the end of `flotilla --help`. */
export const helpEnd = `
The hub is found by --hub and --token-file, by FLOTILLA_HUB and FLOTILLA_TOKEN_FILE, in --data-dir or FLOTILLA_DATA_DIR,
or else it is the one that was started last on this machine by this user.

Exit codes: 0 done, 1 a difference was found, 2 the command is wrong, 3 failed for good, 4 no answer in time,
5 waits for a person, 6 the hub cannot be reached, 7 not authorised, 8 of some clusters nothing is known, 130 interrupted.`;

/** How a completion script is used. */
export function completionHelp(programName: string): string {
  return `
Examples:
  bash   source <(${programName} completion bash)
  zsh    source <(${programName} completion zsh)
  fish   ${programName} completion fish | source`;
}
