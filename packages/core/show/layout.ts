/** What a layout is made from: `GET /layout` has this shape, `layoutSourceOf` makes it from a cluster. */
export type LayoutSource = {
  readonly racks: readonly {
    readonly id: string;
    readonly label: string;
    /** `front`, `back`, `left`, `right`; anything else counts as front. */
    readonly side: string | null;
    /** From the floor up. */
    readonly banks: readonly string[];
    /** Beside `banks`: which half of the rack each sits in, where the file tells. */
    readonly halves?: readonly (Half | null)[] | undefined;
  }[];
  readonly boards: readonly {
    readonly index: number;
    readonly name: string;
    readonly rack: string | null;
    readonly bank: string | null;
    readonly slot: number | null;
  }[];
  readonly lights: number;
};

/** The half of a rack that a bank stands in. */
export type Half = "bottom" | "top";

/** A rectangle on the unfolded page, metres; x to the right, y down, from its upper left corner. */
export type Rect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** One board on the unfolded page; `bank` is null for a stranger. */
export type UnfoldedBoard = Rect & { readonly index: number; readonly name: string; readonly bank: string | null };

/** One bank of the unfolded picture. */
export type UnfoldedBank = Rect & { readonly id: string };

/** One rack of the unfolded picture. */
export type UnfoldedRack = Rect & {
  readonly id: string;
  readonly label: string;
  readonly banks: readonly UnfoldedBank[];
};

/** All racks side by side, as if the box were cut open and laid flat. */
export type Unfolded = {
  readonly width: number;
  readonly height: number;
  readonly racks: readonly UnfoldedRack[];
  /** By index. Every board of the source is here once. */
  readonly boards: readonly UnfoldedBoard[];
  /** What the boards without a slot fill; null when there are none. */
  readonly others: Rect | null;
  /** Centres and radius of the lamp's lights. */
  readonly lights: readonly { readonly x: number; readonly y: number; readonly radius: number }[];
};

/** How to unfold. All lengths in metres. */
export type UnfoldOptions = {
  /** Racks beside each other before a second row of racks begins. */
  readonly columns?: number;
  /** From one bank to the next above it. A real one is 0.0889 (2U). */
  readonly bankHeight?: number;
  /** Left of each rack; room for the names of banks. */
  readonly gap?: number;
  /** Above each rack; room for its name. */
  readonly caption?: number;
};

/** One board in the box: its centre in metres, x to the right, y up, z towards who stands before the front. */
export type BoxBoard = {
  readonly index: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Turn about the upward axis, radians: 0 looks to the front, pi to the back. */
  readonly turn: number;
};

/** Sizes of the real thing, metres: 21 boards across a 19-inch rack, a bank of 2U. */
export const sizes = { pitch: 0.0214, board: 0.0182, bankHeight: 0.0889, fillHeight: 0.82, depth: 0.12 } as const;

/** The parts of a cluster that a layout needs; `Cluster` of core/cluster fits. */
export type LayoutCluster = {
  readonly racks: readonly { id: string; label: string; side: string | null; banks: readonly string[] }[];
  readonly banks: readonly { id: string; half: Half | null }[];
  readonly boards: readonly { index: number; name: string; rack: string; bank: string; slot: number }[];
  readonly devices: readonly { kind: string; count: number | null }[];
};

/**
 * The source of a cluster's layout, strangers after its own boards; also the body of `GET /layout`, less the name.
 *
 * @param strangers boards without a slot, with the indexes that the stream gives them.
 * @param lights how many lights the lamp has; where absent, the cluster's first light says.
 */
export function layoutSourceOf(
  cluster: LayoutCluster,
  strangers: readonly { readonly index: number; readonly name: string }[] = [],
  lights = cluster.devices.find((device) => /light|lamp|pixel/.test(device.kind))?.count ?? 0,
): LayoutSource {
  const halves = new Map(cluster.banks.map((bank) => [bank.id, bank.half]));
  return {
    racks: cluster.racks.map(({ id, label, side, banks }) => ({
      id,
      label,
      side,
      banks,
      halves: banks.map((bank) => halves.get(bank) ?? null),
    })),
    boards: [
      ...cluster.boards.map(({ index, name, rack, bank, slot }) => ({ index, name, rack, bank, slot })),
      ...strangers.map(({ index, name }) => ({ index, name, rack: null, bank: null, slot: null })),
    ],
    lights,
  };
}

/** The unfolded picture. Pure: the same source and options give the same metres. */
export function unfold(source: LayoutSource, options: UnfoldOptions = {}): Unfolded {
  const { bankHeight = sizes.bankHeight, gap = 0.1, caption = 0.1 } = options;
  const columns = Math.max(1, Math.min(options.columns ?? source.racks.length, source.racks.length));
  const { seats, strangers } = seat(source);
  const lampHeight = source.lights > 0 ? 0.13 : 0;
  const aisle = bankHeight * 0.75;
  const racks: UnfoldedRack[] = [];
  const banks = new Map<string, UnfoldedBank>();
  let top = lampHeight;
  let width = 0;
  for (let first = 0; first < source.racks.length; first += columns) {
    const row = source.racks.slice(first, first + columns).map((rack) => ({ rack, halves: split(rack) }));
    const lower = Math.max(...row.map(({ halves }) => halves.bottom.length));
    const upper = Math.max(...row.map(({ halves }) => halves.top.length));
    const height = (lower + upper) * bankHeight + (lower > 0 && upper > 0 ? aisle : 0);
    const floor = top + caption + height;
    let x = 0;
    for (const { rack, halves } of row) {
      const slots = Math.max(1, ...rack.banks.map((bank) => seats.slots.get(bank) ?? 1));
      const rackWidth = slots * sizes.pitch;
      const place = (id: string, level: number): UnfoldedBank => {
        const bank = { id, x: x + gap, y: floor - (level + 1) * bankHeight, width: rackWidth, height: bankHeight };
        banks.set(id, bank);
        return bank;
      };
      const bottom = halves.bottom.map((id, level) => place(id, level));
      const lift = lower > 0 && upper > 0 ? lower + aisle / bankHeight : lower;
      const all = [...bottom, ...halves.top.map((id, level) => place(id, lift + level))];
      racks.push({ id: rack.id, label: rack.label, banks: all, ...around(all, x + gap, floor, rackWidth) });
      x += gap + rackWidth;
    }
    width = Math.max(width, x);
    top = floor;
  }
  const boards: UnfoldedBoard[] = seats.taken.map(({ board, bank, slot }) => {
    const home = banks.get(bank)!;
    return {
      index: board.index,
      name: board.name,
      bank,
      ...cell(home.x + (slot - 1) * sizes.pitch, home.y, bankHeight),
    };
  });
  width = Math.max(width, gap + sizes.pitch * Math.min(21, Math.max(strangers.length, 1)));
  const perRow = Math.max(1, Math.floor((width - gap) / sizes.pitch + 1e-9));
  // A few strangers have their label beside them, a full row has it above.
  const othersTop = top + (strangers.length > perRow / 2 ? caption : caption * 0.5);
  for (const [at, board] of strangers.entries()) {
    const x = gap + (at % perRow) * sizes.pitch;
    const y = othersTop + Math.floor(at / perRow) * bankHeight;
    boards.push({ index: board.index, name: board.name, bank: null, ...cell(x, y, bankHeight) });
  }
  const othersHeight = Math.ceil(strangers.length / perRow) * bankHeight;
  const othersWidth = Math.min(strangers.length, perRow) * sizes.pitch;
  const others = strangers.length === 0 ? null : { x: gap, y: othersTop, width: othersWidth, height: othersHeight };
  return {
    width,
    height: others === null ? top : othersTop + othersHeight,
    racks,
    boards: boards.sort((a, b) => a.index - b.index),
    others,
    lights: lampOf(source.lights, gap, width, lampHeight),
  };
}

/** The box as it stands: a square tower with the racks of each side looking outwards, strangers on the floor before it. */
export function box(source: LayoutSource): readonly BoxBoard[] {
  const { seats, strangers } = seat(source);
  const widths = new Map(
    source.racks.map((rack) => [
      rack.id,
      Math.max(1, ...rack.banks.map((bank) => seats.slots.get(bank) ?? 1)) * sizes.pitch + 0.06,
    ]),
  );
  const rows = sides.map(({ name, turn }) => ({
    turn,
    racks: source.racks.filter((rack) => sideOf(rack.side) === name),
  }));
  const widest = Math.max(0, ...rows.map(({ racks }) => racks.reduce((sum, rack) => sum + widths.get(rack.id)!, 0)));
  const face = widest / 2 + sizes.depth;
  const homes = new Map<string, { left: number; y: number; turn: number }>();
  for (const { racks, turn } of rows) {
    let left = -racks.reduce((sum, rack) => sum + widths.get(rack.id)!, 0) / 2;
    for (const rack of racks) {
      const halves = split(rack);
      for (const [level, bank] of [...halves.bottom, ...halves.top].entries()) {
        const lift = level >= halves.bottom.length && halves.bottom.length > 0 ? sizes.bankHeight : 0;
        homes.set(bank, { left: left + 0.03, y: (level + 0.5) * sizes.bankHeight + lift, turn });
      }
      left += widths.get(rack.id)!;
    }
  }
  const placed: BoxBoard[] = seats.taken.map(({ board, bank, slot }) => {
    const home = homes.get(bank)!;
    const across = home.left + (slot - 0.5) * sizes.pitch;
    const [sin, cos] = [Math.sin(home.turn), Math.cos(home.turn)];
    return {
      index: board.index,
      x: across * cos + face * sin,
      y: home.y,
      z: face * cos - across * sin,
      turn: home.turn,
    };
  });
  const across = 21;
  for (const [at, board] of strangers.entries()) {
    const x = ((at % across) - (across - 1) / 2) * sizes.pitch;
    const z = face + 1 + Math.floor(at / across) * sizes.depth * 1.5;
    placed.push({ index: board.index, x, y: sizes.bankHeight / 2, z, turn: 0 });
  }
  return placed.sort((a, b) => a.index - b.index);
}

type Seat = { readonly board: LayoutSource["boards"][number]; readonly bank: string; readonly slot: number };

/** Who sits where: a board without a known bank and a free slot of its own is a stranger. */
function seat(source: LayoutSource): {
  seats: { taken: readonly Seat[]; slots: ReadonlyMap<string, number> };
  strangers: readonly LayoutSource["boards"][number][];
} {
  const known = new Set(source.racks.flatMap((rack) => rack.banks));
  const slots = new Map<string, number>();
  const used = new Set<string>();
  const taken: Seat[] = [];
  const strangers: LayoutSource["boards"][number][] = [];
  for (const board of [...source.boards].sort((a, b) => a.index - b.index)) {
    const { bank, slot } = board;
    const key = `${bank}/${slot}`;
    if (bank === null || slot === null || !known.has(bank) || !isSlot(slot) || used.has(key)) {
      strangers.push(board);
      continue;
    }
    used.add(key);
    slots.set(bank, Math.max(slots.get(bank) ?? 0, slot));
    taken.push({ board, bank, slot });
  }
  return { seats: { taken, slots }, strangers };
}

/** No bank has more slots than this; a larger number is a mistake and would stretch the picture to nothing. */
function isSlot(slot: number): boolean {
  return Number.isInteger(slot) && slot >= 1 && slot <= 256;
}

/** The banks of each half, from its floor up. Where the file does not tell, a bank belongs to the bottom half. */
function split(rack: LayoutSource["racks"][number]): { bottom: readonly string[]; top: readonly string[] } {
  const isTop = (_: string, at: number): boolean => rack.halves?.[at] === "top";
  return { bottom: rack.banks.filter((bank, at) => !isTop(bank, at)), top: rack.banks.filter(isTop) };
}

function around(banks: readonly Rect[], x: number, floor: number, width: number): Rect {
  const y = Math.min(floor, ...banks.map((bank) => bank.y));
  return { x, y, width, height: floor - y };
}

function cell(x: number, y: number, bankHeight: number): Rect {
  const height = bankHeight * sizes.fillHeight;
  return {
    x: x + (sizes.pitch - sizes.board) / 2,
    y: y + (bankHeight - height) / 2,
    width: sizes.board,
    height,
  };
}

function lampOf(count: number, gap: number, width: number, height: number): Unfolded["lights"] {
  if (count <= 0) return [];
  const step = Math.min(0.05, (width - gap) / count);
  const start = gap + (width - gap - step * (count - 1)) / 2;
  return Array.from({ length: count }, (_, at) => ({ x: start + at * step, y: height * 0.4, radius: step * 0.3 }));
}

const sides = [
  { name: "front", turn: 0 },
  { name: "right", turn: Math.PI / 2 },
  { name: "back", turn: Math.PI },
  { name: "left", turn: -Math.PI / 2 },
] as const;

function sideOf(side: string | null): string {
  return sides.find(({ name }) => name === side)?.name ?? "front";
}
