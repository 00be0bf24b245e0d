import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Fold } from "./fold.ts";
import { light } from "./lights.ts";
import { ago, took } from "./time.ts";
import type { Entry, Flow } from "./types.ts";

interface Case { now: string; flow: Flow; entries: Entry[]; view: unknown; lights: unknown }
const folder = join(process.env["WEB"]!, "runs/testdata/fold");
const plain = (v: unknown): unknown => JSON.parse(JSON.stringify(v));

for (const file of readdirSync(folder)) {
  const golden = JSON.parse(readFileSync(join(folder, file), "utf8")) as Case;

  test(`${file}: the page folds as the server does`, () => {
    const { view } = new Fold(golden.entries);
    assert.deepEqual(plain(view), golden.view);
    assert.deepEqual(plain(light(golden.flow, view, Date.parse(golden.now))), golden.lights);
  });

  test(`${file}: entries one by one give the same as all at once`, () => {
    const fold = new Fold();
    for (const e of golden.entries) fold.apply(e);
    assert.deepEqual(plain(fold.view), golden.view);
  });
}

test("durations", () => {
  for (const [ms, want] of [[0, "0 ms"], [999, "999 ms"], [1270, "1.27 s"], [4000, "4 s"], [12_345, "12.3 s"], [61_000, "1 min 1 s"], [3_700_000, "1 h 1 min"], [90_000_000, "1 d 1 h"], [-5, "0 ms"]] as const) assert.equal(took(ms), want);
});

test("moments", () => {
  const now = Date.parse("2026-03-04T14:00:00Z");
  for (const [iso, want] of [["2026-03-04T13:59:58Z", "just now"], ["2026-03-04T13:59:20Z", "40 s ago"], ["2026-03-04T13:40:00Z", "20 min ago"], ["2026-03-04T09:00:00Z", "5 h ago"], ["2026-03-03T10:00:00Z", "yesterday"], ["2026-02-20T14:00:00Z", "12 days ago"], ["2025-12-24T00:00:00Z", "24 Dec 2025"], ["2026-03-04T16:00:00Z", "in 2 h"]] as const) assert.equal(ago(iso, now), want);
});
