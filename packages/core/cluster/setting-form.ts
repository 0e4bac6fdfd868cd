import { unreachable } from "../base/index.ts";

/** What a driver's setting may be, as plain data: the same for the driver that reads it and for whoever checks a file. */
export type SettingForm =
  | { readonly kind: "text" | "list" | "pattern" | "flag" }
  | { readonly kind: "whole"; readonly from: number; readonly to: number }
  | { readonly kind: "choice"; readonly words: readonly string[] };

/** A make that the cluster file may name as a driver, with its settings. */
export type Make = {
  readonly id: string;
  readonly moves: "power" | "light" | "sound";
  readonly settings: Readonly<Record<string, { readonly form: SettingForm; readonly isNeeded: boolean }>>;
};

/** Is this what the setting may be? Texts have at most 1000 characters, none a control character; lists 1 to 64 texts. */
export function isOfForm(form: SettingForm, said: unknown): boolean {
  switch (form.kind) {
    case "text":
      return typeof said === "string" && said.length > 0 && said.length <= 1000 && !/\p{Cc}/u.test(said);
    case "list":
      return (
        Array.isArray(said) &&
        said.length > 0 &&
        said.length <= 64 &&
        said.every((one) => isOfForm({ kind: "text" }, one))
      );
    case "pattern":
      return typeof said === "string" && said.length > 0 && said.length <= 200 && isPattern(said);
    case "whole":
      return typeof said === "number" && Number.isInteger(said) && said >= form.from && said <= form.to;
    case "flag":
      return typeof said === "boolean";
    case "choice":
      // A file's `version: 1` is a number to YAML and a word to us.
      return form.words.includes(String(said));
    default:
      return unreachable(form);
  }
}

/** What was expected, for messages: `a whole number from 1 to 4`. */
export function expectedOf(form: SettingForm): string {
  switch (form.kind) {
    case "text":
      return "a text";
    case "list":
      return "a list of texts";
    case "pattern":
      return "a regular expression of at most 200 characters";
    case "whole":
      return `a whole number from ${form.from} to ${form.to}`;
    case "flag":
      return "true or false";
    case "choice":
      return form.words.join(", ").replace(/, ([^,]*)$/, " or $1");
    default:
      return unreachable(form);
  }
}

function isPattern(said: string): boolean {
  try {
    new RegExp(said, "i");
    return true;
  } catch {
    return false;
  }
}
