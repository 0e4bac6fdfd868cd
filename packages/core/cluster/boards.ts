import { type Mac, nearest, parseMac } from "../base/index.ts";
import { resolveAddresses, type Seat } from "./addresses.ts";
import type { Model, Resolving } from "./context.ts";
import type { Path } from "./document.ts";
import type { BoardSlot } from "./model.ts";
import type { BankPlan, SwitchPlan } from "./places.ts";

/** A board with the way its power comes: a supply, its switch port, or nothing that the file knows. */
export type BoardPlan = Omit<BoardSlot, "group"> & { readonly poe: SwitchPlan | null };

/** All boards in the order of the layout, and addresses that fit none of them. */
export type BoardPlans = {
  readonly boards: readonly BoardPlan[];
  readonly strays: readonly { readonly switch: string; readonly address: string }[];
};

/** Give every slot its board: name, model, MAC, port, address and where its power comes from. */
export function resolveBoards(resolving: Resolving, banks: readonly BankPlan[]): BoardPlans {
  const { boards: said } = resolving.file;
  const slots = banks.flatMap((bank) => Array.from({ length: bank.slots }, (_, i) => ({ bank, slot: i + 1 })));
  const expected = said.expected ?? slots.length;
  if (expected > slots.length && banks.length > 0)
    resolving.error(
      "cluster.too-many-boards",
      ["boards", "expected"],
      `${expected} boards are expected, but ${banks.length} banks have ${slots.length} slots`,
      {
        expected: `at most ${slots.length}`,
      },
    );
  const filled = slots.slice(0, expected);
  const digits = String(filled.length).length;
  const seats = filled.map(({ bank, slot }, index): Seat & { readonly place: BankPlan } => ({
    name: `b${String(index + 1).padStart(digits, "0")}`,
    index,
    bank: bank.id,
    slot,
    switch: bank.switch,
    port: bank.ports[slot - 1] ?? null,
    place: bank,
  }));
  checkKnownNames(resolving, seats);
  const addresses = resolveAddresses(resolving, seats);
  const macs = readMacs(resolving);
  const models = new Map<string, Model<"board"> | null>();
  const modelOf = (name: string, path: Path) => {
    const earlier = models.get(name);
    if (earlier !== undefined) return earlier;
    const found = resolving.model(name, "board", path);
    models.set(name, found);
    return found;
  };
  let isModelMissing = false;
  const boards = seats.map((seat): BoardPlan => {
    const known = said.known?.[seat.name];
    const path: Path = ["boards", "known", seat.name];
    const modelName = known?.model ?? said.model;
    if (modelName === undefined) isModelMissing = true;
    const model =
      modelName === undefined
        ? null
        : modelOf(modelName, known?.model === undefined ? ["boards", "model"] : [...path, "model"]);
    const address = addresses.byBoard.get(seat.name);
    return {
      index: seat.index,
      name: seat.name,
      model: modelName ?? "",
      rack: seat.place.rack,
      bank: seat.bank,
      slot: seat.slot,
      switch: seat.switch?.id ?? null,
      port: seat.port,
      address: address?.address ?? null,
      addressKnown: address?.isKnown ?? false,
      mac: macs.get(seat.name) ?? null,
      ...powerOf(
        resolving,
        seat,
        known?.power ?? seat.place.power,
        known?.power === undefined ? null : [...path, "power"],
      ),
      watts: model?.watts ?? { max: 0, idle: 0, inrush: 0 },
    };
  });
  if (isModelMissing)
    resolving.error(
      "cluster.board-without-model",
      ["boards"],
      "some boards have no model: say boards.model, or give each its own",
      {
        expected: "model: the name of a model of kind board",
      },
    );
  return { boards, strays: addresses.strays };
}

function checkKnownNames(resolving: Resolving, seats: readonly Seat[]): void {
  const names = new Set(seats.map((seat) => seat.name));
  for (const name of Object.keys(resolving.file.boards.known ?? {})) {
    if (names.has(name)) continue;
    const range = seats.length === 0 ? "there are none" : `${seats[0]?.name} to ${seats.at(-1)?.name}`;
    resolving.error("cluster.unknown-name", ["boards", "known", name], `no board is called "${name}" (${range})`, {
      expected: "the name of a board",
      nearest: nearest(name, names),
    });
  }
}

function readMacs(resolving: Resolving): Map<string, Mac> {
  const macs = new Map<string, Mac>();
  const owners = new Map<Mac, string>();
  const read = (text: string | undefined, owner: string, path: Path, isBoard: boolean): Mac | null => {
    if (text === undefined) return null;
    const parsed = parseMac(text);
    if (parsed === null) {
      resolving.error("cluster.mac", path, `"${text}" is no MAC that ${isBoard ? "a board" : "a device"} can have`, {
        expected: "a MAC like b8:27:eb:00:00:01",
      });
      return null;
    }
    const earlier = owners.get(parsed);
    if (earlier === undefined) owners.set(parsed, owner);
    else {
      const message = `${owner} and ${earlier} both have the MAC ${parsed}`;
      // Two devices with one MAC do exist in the field, and the rest of the cluster works; two such boards cannot be told apart.
      if (isBoard) resolving.error("cluster.mac-twice", path, message, { expected: "a MAC of its own" });
      else resolving.warn("cluster.mac-twice", path, message, { expected: "a MAC of its own" });
    }
    return parsed;
  };
  for (const [i, device] of (resolving.file.devices ?? []).entries())
    read(device.mac, `device ${device.id}`, ["devices", i, "mac"], false);
  for (const [name, board] of Object.entries(resolving.file.boards.known ?? {})) {
    const parsed = read(board.mac, `board ${name}`, ["boards", "known", name, "mac"], true);
    if (parsed !== null) macs.set(name, parsed);
  }
  return macs;
}

function powerOf(
  resolving: Resolving,
  seat: Seat & { readonly place: BankPlan },
  power: string | null,
  own: Path | null,
): { supply: string | null; poe: SwitchPlan | null } {
  const nothing = { supply: null, poe: null };
  if (power === null) return nothing;
  if (power !== "poe") {
    const isKnown = own === null || resolving.demand(power, ["supply"], own);
    return isKnown ? { supply: power, poe: null } : nothing;
  }
  if (seat.switch?.poe && seat.port !== null) return { supply: null, poe: seat.switch };
  // One complaint a bank is enough when the bank says so for all of its boards.
  if (own === null && seat.slot > 1) return nothing;
  const where = seat.switch === null ? "no switch port" : `a port of ${seat.switch.id} (${seat.switch.model})`;
  resolving.error(
    "cluster.no-poe",
    own ?? [...seat.place.path, "power"],
    `${seat.name} hangs on ${where}, which gives no power`,
    {
      expected: "a supply, or a switch whose model has poe",
    },
  );
  return nothing;
}
