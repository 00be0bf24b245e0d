import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Failure } from "./types.ts";
import { keyOfWord } from "./words.ts";

test("what a failure means is said as the server says it", () => {
  const cases = JSON.parse(readFileSync(join(process.env["WEB"]!, "runs/testdata/words.json"), "utf8")) as { failure: Failure; asked?: boolean; word: string }[];
  for (const c of cases) assert.equal(keyOfWord(c.failure, c.asked ?? false), c.word, c.failure.message);
});
