import type { Branded } from '@flotilla/shared/base';

/**
 * A type of the model as JSON carries it: ids are plain strings, and what is undefined is left out. A schema that is
 * declared as `z.ZodType<Wire<T>>` does not compile when it lacks something that T promises.
 */
export type Wire<T> =
  T extends Branded<string>
    ? string
    : T extends string | number | boolean | undefined
      ? T
      : T extends readonly (infer Item)[]
        ? readonly Wire<Item>[]
        : WireObject<T>;

type WireObject<T> = {
  readonly [Key in keyof T as undefined extends T[Key] ? never : Key]: Wire<T[Key]>;
} & {
  readonly [Key in keyof T as undefined extends T[Key] ? Key : never]?:
    | Wire<Exclude<T[Key], undefined>>
    | undefined;
};
