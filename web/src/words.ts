// What a failure means for a person. The words come from the server, by class; which one is taken web/runs/words.go says too.
import type { Failure } from "./types.ts";

export interface Word { title: string; fix: string; parked?: string }

const EXPRESSION = /^(In [a-z_ ]+: )?(\/[^ ]*: )?The (expression|condition) .*( failed|, not true or false)/;

/** The key of a failure's word; `asked` says that an app was: there was an exchange. */
export function keyOfWord(f: Failure, asked: boolean): string {
  if (f.class === "unavailable" && f.status) return "answered";
  if (f.class !== "invalid_input" || asked || f.status) return f.class;
  return EXPRESSION.test(f.message) ? "expression" : "unsent";
}

export function wordFor(words: Record<string, Word>, f: Failure, asked: boolean): Word | undefined {
  const key = keyOfWord(f, asked), word = words[key];
  return word && key === "answered" ? { ...word, title: `${word.title} ${f.status}` } : word;
}
