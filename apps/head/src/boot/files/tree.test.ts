import { join } from "node:path";
import { type Mac, mac, silentLog } from "@bramble/core/base";
import { filesAskedBy, pathFor, pretendNames } from "@bramble/core/boot";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openImages } from "./images.ts";
import { pretendImages } from "./pretend-image.ts";
import { fakeTree, scratch, writeImage } from "./testing.ts";

const pi: Mac = mac("b8:27:eb:ef:56:44");
const at = "10.0.0.9";

/** One board that has an address and plan live. */
function one(...args: Parameters<typeof fakeTree>) {
  const fake = fakeTree(...args);
  fake.plans.set(pi, "live");
  fake.addresses.set(at, pi);
  return fake;
}

describe.each(["3b", "3b+", "4", "5"] as const)("the firmware of a Pi %s", (model) => {
  test.each([false, true])("finds what it asks for, and nothing where it wants to find nothing (full: %s)", (full) => {
    const { get } = one(pretendImages({ full }));
    for (const file of filesAskedBy(model, pretendNames)) {
      const claim = get(pathFor(file.path, "a2ef5644"));
      expect(`${file.path} ${claim.kind}`).toBe(`${file.path} ${file.isExpectedMissing ? "missing" : "bytes"}`);
      expect(claim.board).toBe(pi);
      if (claim.kind !== "bytes" || /\.txt$/.test(file.path)) continue;
      // Device trees differ a little between models; the table gives one size for all.
      expect(claim.bytes.length).toBeGreaterThanOrEqual((full ? file.sizeBytes : file.smallBytes) / 3);
    }
  });
});

test("settings are made for the board: its name in config.txt, its plan in cmdline.txt", () => {
  const { text } = one();
  expect(text("a2ef5644/config.txt")).toContain("# b1 (b8:27:eb:ef:56:44): plan live");
  expect(text("a2ef5644/config.txt")).toContain("\nkernel=kernel8.img\ninitramfs initrd.img followkernel\n");
  expect(text("a2ef5644/cmdline.txt")).toContain(
    "bramble.root=http://10.0.0.1:8882/boot/b8-27-eb-ef-56-44/root.squashfs\n",
  );
});

describe("whose folder it is", () => {
  test.each([
    ["its serial", "a2ef5644/cmdline.txt"],
    ["its serial in capitals", "A2EF5644/cmdline.txt"],
    ["its long serial", "00000000a2ef5644/cmdline.txt"],
    ["its MAC with dashes", "b8-27-eb-ef-56-44/cmdline.txt"],
    ["its MAC with colons", "B8:27:EB:EF:56:44/cmdline.txt"],
    ["nothing, from its address", "cmdline.txt"],
    ["a slash in front, as GRUB does", "/b8-27-eb-ef-56-44//cmdline.txt"],
  ])("a board asks by %s", (_, path) => {
    const { text, get } = one();
    expect(text(path)).toContain("bramble.mac=b8:27:eb:ef:56:44");
    expect(get(path).board).toBe(pi);
  });

  test("a serial is learned from the first request below it", () => {
    const { serials, get } = one();
    get("a2ef5644/start.elf");
    expect([...serials]).toEqual([["a2ef5644", pi]]);
  });

  test("a Pi 3 that asks by a serial not its own teaches nothing", () => {
    const { serials, get } = one();
    expect(get("a2000001/start.elf").board).toBe(pi);
    expect([...serials]).toEqual([]);
  });

  test("a Pi 4 has any serial, for its MAC is not made of it", () => {
    const four = mac("dc:a6:32:01:36:c2");
    const { serials, plans, addresses, get } = one();
    plans.set(four, "live");
    addresses.set("10.0.0.4", four);
    expect(get("9ffefdef/config.txt", "10.0.0.4").board).toBe(four);
    expect(serials.get("9ffefdef")).toBe(four);
  });

  test("without an address that we gave, a Pi 3's serial still tells its MAC", () => {
    const { get, addresses } = one();
    addresses.clear();
    expect(get("a2ef5644/config.txt").board).toBe(pi);
    expect(get("a2000001/config.txt")).toEqual({ kind: "missing", board: null });
  });

  test("a board's serial is in its command line from the first boot on", async () => {
    using folder = scratch();
    writeImage(folder.path, "one");
    await using images = await openImages(folder.path, { log: silentLog });
    const { text } = one(images);
    expect(text("a2ef5644/cmdline.txt")).toBe("plan=live serial=a2ef5644 at=10.0.0.9\n");
    expect(text("a2ef5644/start.elf")).toBe(`file: ${join(folder.path, "tree/start.elf")}`);
    expect(text("b8-27-eb-ef-56-44/kernel")).toBe(`file: ${join(folder.path, "vmlinuz")}`);
    expect(text("b8-27-eb-ef-56-44/initrd-rescue")).toBe(`file: ${join(folder.path, "small.img")}`);
    expect(text("images/one/tree/overlays/disable-bt.dtbo")).toBe(
      `file: ${join(folder.path, "tree/overlays/disable-bt.dtbo")}`,
    );
    expect(text("images/one/image.json")).toBe("missing");
    expect(text("images/two/vmlinuz")).toBe("missing");
  });
});

describe("a board that nobody can name", () => {
  test("gets a Pi's first files and an iPXE script that asks again", () => {
    const { text, get } = fakeTree();
    expect(get("bootcode.bin").kind).toBe("bytes");
    expect(text("autoexec.ipxe")).toContain("chain --autofree http://10.0.0.1:8882/ipxe/$");
    for (const path of ["bootsig.bin", "config.txt", "cmdline.txt", "pxelinux.cfg/default", "", "nothing"])
      expect(get(path), path).toEqual({ kind: "missing", board: null });
  });

  test("gets nothing where there is no image", () => {
    const none = { ...pretendImages({ full: false }), all: () => [] };
    expect(fakeTree(none).get("bootcode.bin").kind).toBe("missing");
  });
});

describe("other loaders", () => {
  test("iPXE finds a script by MAC; a stranger has a menu", () => {
    const { text, plans, state } = one();
    expect(text("ipxe/b8-27-eb-ef-56-44")).toContain("initrd --name initrd");
    expect(text("ipxe/b8-27-eb-00-00-01")).toBe("missing");
    expect(text("ipxe/x")).toBe("missing");
    const stranger = mac("52:54:00:00:00:01");
    plans.set(stranger, "discovery");
    state.isStranger = true;
    expect(text("ipxe/52:54:00:00:00:01")).toContain("menu Bramble does not know this board yet");
  });

  test("U-Boot and GRUB find theirs under any of the names they try", () => {
    const { text } = one();
    for (const path of ["pxelinux.cfg/01-b8-27-eb-ef-56-44", "pxelinux.cfg/0A000009", "pxelinux.cfg/default"])
      expect(text(path)).toContain("label bramble");
    for (const path of ["grub.cfg", "grub/grub.cfg", "grub/grub.cfg-01-b8-27-eb-ef-56-44", "/EFI/debian/grub.cfg"])
      expect(text(path)).toContain("menuentry bramble");
    expect(text("boot.scr.uimg")).toContain("booti");
  });

  test("boot programs lie at the root for everybody", () => {
    const loaders = {
      names: () => ["ipxe.efi"],
      file: (name: string) =>
        name === "ipxe.efi" ? ({ kind: "file", path: "/x/ipxe.efi", sizeBytes: 1 } as const) : null,
    };
    expect(fakeTree(undefined, { loaders }).text("ipxe.efi")).toBe("file: /x/ipxe.efi");
  });
});

describe("plan local", () => {
  test("has nothing to boot, so that the board's own disk is next", () => {
    const { plans, text } = one();
    plans.set(pi, "local");
    for (const path of ["bootcode.bin", "a2ef5644/start.elf", "config.txt", "root.squashfs", "kernel", "boot.scr"])
      expect(text(path), path).toBe("missing");
    expect(text("ipxe/b8-27-eb-ef-56-44")).toContain("\nexit\n");
  });

  test("so has a board for which there is no image", () => {
    const { state, text } = one();
    state.image = null;
    expect(text("a2ef5644/start.elf")).toBe("missing");
  });

  test("and once there is one again, the board gets it without asking for an address anew", () => {
    const { state, text } = one();
    const { image } = state;
    state.image = null;
    expect(text("a2ef5644/cmdline.txt")).toBe("missing");
    state.image = image;
    expect(text("a2ef5644/cmdline.txt")).toContain("bramble.plan=live");
  });
});

describe("one boot has one version", () => {
  test("a plan that is set in the middle is for the next boot", () => {
    const { plans, text, tree } = one();
    tree.begin(pi);
    expect(text("a2ef5644/config.txt")).toContain("plan live");
    plans.set(pi, "rescue");
    expect(text("a2ef5644/config.txt")).toContain("plan live");
    expect(text("a2ef5644/cmdline.txt")).toContain("bramble.plan=live");
    tree.begin(pi);
    expect(text("a2ef5644/cmdline.txt")).toContain("bramble.plan=rescue");
  });

  test("the very same bytes are given each time", () => {
    const { get } = one();
    const first = get("a2ef5644/config.txt");
    expect(first.kind === "bytes" && first.bytes).toBe((get("config.txt") as typeof first & { kind: "bytes" }).bytes);
  });

  test("boots that are remembered are bounded", () => {
    const fake = fakeTree();
    for (let i = 0; i < 5000; i++)
      fake.plans.set(
        mac(`02:00:00:00:${(i >> 8).toString(16).padStart(2, "0")}:${(i & 255).toString(16).padStart(2, "0")}`),
        "live",
      );
    for (const board of fake.plans.keys()) fake.get(`${board.replaceAll(":", "-")}/config.txt`);
    expect(fake.tree.sessions()).toBe(4096);
  });
});

describe("paths that try to climb", () => {
  test.each([
    ["../../etc/passwd", 'leads upward by ".."'],
    ["a2ef5644/../../etc/shadow", 'leads upward by ".."'],
    ["images/one/../../../etc/passwd", 'leads upward by ".."'],
    ["..\\..\\windows\\system32", "backslash"],
    ["config.txt\0.png", "control character"],
    ["a\nb", "control character"],
    ["x".repeat(10_240), "longer than 240"],
  ])("%j is refused with a reason", (path, why) => {
    expect(one().text(path)).toContain(`refused: the name`);
    expect(one().text(path)).toContain(why);
  });

  test.each(["/etc/passwd", "//etc//passwd", "etc/passwd", "~root", "C:/boot.ini", "", "/", ".", "tree/start.elf"])(
    "%j is merely not there",
    (path) => {
      expect(one().text(path)).toBe("missing");
    },
  );

  test("no path whatever gives a file outside the image, or anything but a file of its manifest", async () => {
    using folder = scratch();
    const manifest = writeImage(folder.path, "one");
    await using images = await openImages(folder.path, { log: silentLog });
    const inside = new Set(Object.keys(manifest.files).map((name) => join(folder.path, name)));
    const { get } = one(images);
    const part = fc.constantFrom(
      ...["..", ".", "", "/", "\\", "%2e%2e", "~", "etc", "passwd", "tree", "images", "one", "root.squashfs", "kernel"],
      ...[
        "a2ef5644",
        "b8-27-eb-ef-56-44",
        "ipxe",
        "boot",
        "image.json",
        "start.elf",
        "overlays",
        "disable-bt.dtbo",
        "\0",
      ],
      ...["__proto__", "constructor", "toString"],
    );
    let served = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof(part, fc.string()), { maxLength: 6 }),
        fc.constantFrom("/", "//", ""),
        (parts, glue) => {
          const claim = get(parts.join(glue), "10.0.0.9");
          if (claim.kind !== "file") return;
          served++;
          expect(inside).toContain(claim.path);
        },
      ),
      { numRuns: 5000 },
    );
    expect(served).toBeGreaterThan(10);
  });
});

test("a thousand boards that boot at once each find exactly what is theirs", () => {
  const { plans, get } = fakeTree();
  for (let i = 1; i <= 1050; i++) {
    const serial = `a2${i.toString(16).padStart(6, "0")}`;
    const board = mac(`b827eb${serial.slice(2)}`);
    plans.set(board, "live");
    const claims = filesAskedBy("3b+", pretendNames).map((file) => ({ file, claim: get(pathFor(file.path, serial)) }));
    const below = claims.filter(({ file }) => file.path.startsWith("<serial>"));
    expect(
      below.filter(({ file, claim }) => claim.board !== board || file.isExpectedMissing !== (claim.kind === "missing")),
    ).toEqual([]);
  }
});
