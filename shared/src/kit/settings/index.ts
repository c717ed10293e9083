/**
 * Settings of a program: one table says every setting's name, default, parser and meaning; file, environment and flags
 * are read by it, all mistakes are told at once, and `--help` is made from it.
 *
 * Reading order: setting.ts (the table), parsers.ts, host-kind.ts, sources.ts (where values come from), read-settings.ts,
 * rules.ts (settings together), help.ts, start-plan.ts (what the arguments ask for), suggest.ts.
 */
export { type HelpOptions, settingsHelp, settingsTable } from './help.ts';
export { hostKind, parseHost } from './host-kind.ts';
export * from './parsers.ts';
export { type ReadOptions, type ReadOutcome, readSettings } from './read-settings.ts';
export { ruleOver, type SettingsReading, type SettingsRule } from './rules.ts';
export {
  environmentName,
  flagName,
  type Setting,
  type SettingsTable,
  type SettingsValues,
  setting,
  settingName,
} from './setting.ts';
export { type Environment, readEnvironment } from './sources.ts';
export { planStart, type StartPlan, type StartPlanOptions } from './start-plan.ts';
export { closestName } from './suggest.ts';
