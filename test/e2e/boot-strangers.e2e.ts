import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { BootAnswer, LaneAnswer, LeasesAnswer } from "@bramble/core/api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { headAddress } from "../boot/head.ts";
import type { Station } from "../support/netns.ts";
import { type NetnsHead, untilEvent } from "../support/netns-head.ts";
import { knownMacs, openStage, type Stage, strangers, whyNoStage } from "../support/netns-stage.ts";

/** What strangers may send, and what may happen to the head's disk, while boards want to boot. */
const whyNot = whyNoStage();
const minute = 60_000;

// Where there is no root, no namespace or no Debian this cannot be shown; the reason stands in the name.
describe.skipIf(whyNot !== null)(`strangers on the wire${whyNot === null ? "" : `: ${whyNot}`}`, () => {
  let stage: Stage;
  beforeEach(() => {
    stage = openStage();
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  test("with no room on the disk nobody is promised an address; it is said once, and over once there is room", {
    timeout: 3 * minute,
  }, async () => {
    const disk = join(stage.folder, "disk");
    mkdirSync(disk);
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]).status).toBe(0);
    stage.keep({ [Symbol.asyncDispose]: async () => void spawnSync("umount", [disk]) });
    const head = await stage.head(stage.segment.name, "head", { data: join(disk, "data") });
    const [before, during] = strangers(2).map((mac) => stage.plug(mac)) as [Station, Station];
    const first = await stage.asks(before);
    expect(first).not.toBeNull();
    spawnSync("dd", ["if=/dev/zero", `of=${join(disk, "filler")}`, "bs=1k"]);
    expect(await stage.asks(during, 3)).toBeNull();
    expect(await stage.asks(stage.plug(knownMacs[0]!), 2)).toBeNull();
    const lines = head
      .log()
      .split("\n")
      .filter((line) => line.includes("leases cannot be written"));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"level":50');
    await untilEvent(head, "dhcp.unwritten", 5000);
    rmSync(join(disk, "filler"));
    const late = await stage.asks(during, 10);
    expect(late).not.toBeNull();
    expect(late).not.toBe(first);
    await untilEvent(head, "dhcp.written", 10_000);
  });

  test("from a database that was cut anywhere no two boards get one address", { timeout: 10 * minute }, async () => {
    const data = join(stage.folder, "kept");
    const whole = await stage.head(stage.segment.name, "whole", { data });
    const [old, fresh] = strangers(2).map((mac) => stage.plug(mac)) as [Station, Station];
    const first = await stage.asks(old);
    // As after a power cut: what is in its files now, its log of writes too.
    cpSync(data, join(stage.folder, "still"), { recursive: true });
    await whole[Symbol.asyncDispose]();
    const files = readdirSync(join(stage.folder, "still")).filter((name) =>
      statSync(join(stage.folder, "still", name)).isFile(),
    );
    const outcomes: string[] = [];
    let lives = first;
    for (const name of files.filter((each) => !each.endsWith("-shm")))
      for (const part of [0, 0.1, 0.35, 0.6, 0.85, 0.999]) {
        const cut = join(stage.folder, `cut-${name}-${part}`);
        cpSync(join(stage.folder, "still"), cut, { recursive: true });
        truncateSync(join(cut, name), Math.floor(statSync(join(cut, name)).size * part));
        let head: NetnsHead;
        try {
          head = await stage.head(stage.segment.name, `head-${name}-${part}`, { data: cut });
        } catch (thrown) {
          // It refuses to run on what is damaged, in a sentence that says what to do.
          expect(String(thrown)).toMatch(/damaged|not a database|malformed/);
          outcomes.push(`${name} at ${part}: refused`);
          continue;
        }
        const { leases } = await head.get<LeasesAnswer>("/boot/leases");
        // The board of before lives on at its address, whatever the store still knows.
        const second = await stage.asks(fresh);
        const again = await stage.asks(old);
        outcomes.push(`${name} at ${part}: ${leases.length} leases, ${again} and ${second}`);
        expect(second, outcomes.at(-1)).not.toBe(again);
        expect(second, "old lives there still").not.toBe(lives);
        lives = again;
        expect(head.log()).not.toMatch(/unhandled|TypeError/);
        await head[Symbol.asyncDispose]();
      }
    console.log(outcomes.join("\n"));
  });

  test("a hundred thousand strange packets at all three ports: memory stays flat and boards go on booting", {
    timeout: 8 * minute,
  }, async () => {
    const head = await stage.head(stage.segment.name);
    const stranger = stage.plug("02:00:00:00:00:66", "10.77.0.66");
    const residentMb = (): number =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${head.program.child.pid}/status`, "utf8"))?.[1]) / 1024;
    await stage.played(stranger, "storm", headAddress, "30000", "to warm up");
    const before = residentMb();
    const board = stage.plug(knownMacs[0]!);
    const storm = stage.played<{ sent: number }>(stranger, "storm", headAddress, "100000", "a long night");
    expect(await stage.asks(board)).toBe("10.77.0.21");
    expect(await stage.gets(board, "a2000001/cmdline.txt")).toContain("at=10.77.0.21");
    const kernel = join(stage.folder, "kernel");
    expect((await board.run("atftp", ["-g", "-r", "kernel8.img", "-l", kernel, headAddress])).code).toBe(0);
    expect(readFileSync(kernel).equals(readFileSync(join(stage.images, "story/tree/kernel8.img")))).toBe(true);
    expect((await storm).sent).toBeGreaterThanOrEqual(100_000);
    const after = residentMb();
    console.log(`resident ${before.toFixed(0)} MB, after the storm ${after.toFixed(0)} MB`);
    expect(after - before).toBeLessThan(60);
    expect(after).toBeLessThan(400);
    expect(head.log().length).toBeLessThan(2e6);
    expect(head.log()).not.toMatch(/"level":60|unhandled/i);
    const other = stage.plug(knownMacs[1]!);
    expect(await stage.asks(other)).toBe("10.77.0.22");
    expect(await stage.gets(other, "cmdline.txt")).toContain("at=10.77.0.22");
  });

  test("a client that stops acknowledging is given up, and its lane says so", { timeout: 3 * minute }, async () => {
    const head = await stage.head(stage.segment.name);
    const board = stage.plug(knownMacs[0]!);
    expect(await stage.asks(board)).toBe("10.77.0.21");
    const seen = await stage.played<{ blocks: number; again: number; goodbye: string | null }>(
      board,
      "mute",
      headAddress,
      "kernel8.img",
    );
    expect(seen.blocks).toBe(10);
    expect(seen.again).toBeGreaterThan(2);
    expect(seen.again).toBeLessThan(12);
    const lane = await head.get<LaneAnswer>("/boot/lanes/b1");
    const file = lane.files.find(({ path }) => path === "kernel8.img");
    expect(file).toMatchObject({ outcome: "failed", why: expect.any(String) });
    console.log(`the lane says: ${file?.why}; the client heard: ${seen.goodbye}`);
    expect((await head.get<BootAnswer>("/boot")).servers.tftp?.counts).toMatchObject({ live: 0, failed: 1 });
  });

  test("no name leads out of the image, by TFTP or by HTTP", { timeout: 3 * minute }, async () => {
    // As long as the file in whose place it is put.
    const secret = "nobody-reads-this-1";
    expect(secret).toHaveLength("story:root.squashfs".length);
    const story = join(stage.images, "story");
    writeFileSync(join(stage.folder, "secret"), secret);
    writeFileSync(join(stage.images, "beside"), secret);
    writeFileSync(join(story, "unlisted"), secret);
    symlinkSync(join(stage.folder, "secret"), join(story, "tree/link"));
    // A file of the manifest that leads outside: this image is not to be served at all.
    const bad = join(stage.images, "bad");
    cpSync(story, bad, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(bad, "image.json"), "utf8")) as {
      name: string;
      files: Record<string, { bytes: number }>;
    };
    manifest.files["small.img"]!.bytes = secret.length;
    writeFileSync(join(bad, "image.json"), JSON.stringify({ ...manifest, name: "bad" }));
    rmSync(join(bad, "small.img"));
    symlinkSync(join(stage.folder, "secret"), join(bad, "small.img"));
    const head = await stage.head(stage.segment.name);
    expect((await head.get<BootAnswer>("/boot")).problems).toMatchObject([
      { problems: [expect.stringContaining("small.img")] },
    ]);
    const board = stage.plug(knownMacs[0]!);
    expect(await stage.asks(board)).toBe("10.77.0.21");
    // One more, put in place of a good file while the head runs.
    const [root, aside] = [join(story, "root.squashfs"), join(stage.folder, "root.squashfs")];
    renameSync(root, aside);
    symlinkSync(join(stage.folder, "secret"), root);
    const up = [
      "../".repeat(8),
      "....//".repeat(6),
      "..\\".repeat(8),
      "/",
      "",
      "tree/../../",
      "images/story/../../",
      "a2000001/../../",
      "/../",
    ];
    const names = [
      ...up.flatMap((way) => [
        `${way}secret`,
        `${way}beside`,
        `${way}unlisted`,
        `${way}etc/passwd`,
        `${way}etc/hostname`,
      ]),
      ...[
        join(stage.folder, "secret"),
        join(story, "unlisted"),
        "link",
        "tree/link",
        "images/story/tree/link",
        "image.json",
      ],
      ...[
        "images/bad/small.img",
        "images/../beside",
        "images/story/image.json",
        "secret\0.img",
        "kernel8.img\0../secret",
      ],
      ...[
        "root.squashfs",
        "images/story/root.squashfs",
        "a".repeat(10_240),
        "../".repeat(3413),
        "%2e%2e/secret",
        "..%2fsecret",
      ],
    ];
    const leaks: string[] = [];
    const judge = (how: string, name: string, said: string): void => {
      if (said.includes(secret) || said.includes("root:") || said.includes('"bramble"'))
        leaks.push(`${how} ${name.slice(0, 80)}`);
    };
    const coded = names.map((name) => Buffer.from(name, "latin1").toString("base64"));
    const answers = await stage.played<{ kind: string; said: string }[]>(board, "ask", headAddress, coded.join(","));
    for (const [n, name] of names.entries()) {
      judge("TFTP", name, answers[n]!.said);
      // An overlong request is no request (RFC 2347), and silence is an answer to it.
      if (name.length < 480) expect(answers[n]!.kind, name).not.toBe("silence");
      const asked = [name, encodeURIComponent(name), name.replaceAll(".", "%2e").replaceAll("/", "%2F")];
      for (const path of asked.map((each) => each.replaceAll("\0", "%00")))
        judge(
          "HTTP",
          path,
          (await board.run("curl", ["-sS", "-g", "--path-as-is", `http://${headAddress}:8882/${path}`])).out,
        );
    }
    expect(leaks).toEqual([]);
    // The head has seen that the image is none any more; with its own file back it is one again.
    rmSync(root);
    renameSync(aside, root);
    await expect
      .poll(() => stage.gets(board, "cmdline.txt"), { timeout: 30_000, interval: 500 })
      .toContain("at=10.77.0.21");
    expect(head.log()).not.toMatch(/"level":60|unhandled/i);
  });
});
