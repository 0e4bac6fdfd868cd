import type { Clock, Logger, Mac, Timer } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { BootClient, Ipv4 } from "@bramble/core/boot";

/** What a message says of its board. */
export type Sighting = {
  readonly mac: Mac;
  readonly address: Ipv4;
  readonly serial: string | null;
  readonly model: string | null;
  readonly simulated: boolean;
};

/** Tells the register of boards that got an address, after their answers have left and a few at a time. */
export type Sightings = AsyncDisposable & { note(sighting: Sighting): void };

/** A board is told again only when something about it is new, or when it could not be taken down. */
export function createSightings(parts: {
  readonly seen: (sighting: Sighting) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}): Sightings {
  const { seen, clock, log } = parts;
  const told = new Map<Mac, Sighting>();
  const waiting = new Map<Mac, Sighting>();
  let timer: Timer | null = null;
  let isClosed = false;
  let telling: Promise<void> = Promise.resolve();

  const tellSome = async (): Promise<void> => {
    const some = [...waiting.values()].slice(0, atOnce);
    for (const { mac } of some) waiting.delete(mac);
    await Promise.all(some.map(tell));
    if (waiting.size > 0) soon();
  };
  const tell = async (sighting: Sighting): Promise<void> => {
    try {
      await seen(sighting);
    } catch (thrown) {
      // Told again at its next message.
      if (told.get(sighting.mac) === sighting) told.delete(sighting.mac);
      log.warn({ mac: sighting.mac, error: messageOf(thrown) }, "a board that asked by DHCP could not be registered");
    }
  };
  const soon = (): void => {
    if (isClosed) return;
    timer ??= clock.after(pauseMs, () => {
      timer = null;
      telling = telling.then(tellSome);
    });
  };

  return {
    note(sighting) {
      const before = told.get(sighting.mac);
      if (before !== undefined && isSame(before, sighting)) return;
      told.set(sighting.mac, sighting);
      waiting.set(sighting.mac, sighting);
      soon();
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      timer?.cancel();
      waiting.clear();
      await telling;
    },
  };
}

/** The model as cluster files name it. */
export function modelOf(client: BootClient): string | null {
  if (client.kind === "pi-rom") return client.model === "3b" ? "pi3b" : "pi3b+";
  if (client.kind === "pi-eeprom") return client.model === "4" ? "pi4b" : "pi5";
  return null;
}

/** The serial, where the client tells it. */
export function serialOf(client: BootClient): string | null {
  return client.kind === "pi-rom" || client.kind === "pi-eeprom" ? client.serial : null;
}

/** An operating system on the board does not unsay what its firmware said. */
function isSame(before: Sighting, now: Sighting): boolean {
  return (
    before.address === now.address &&
    (now.serial === null || before.serial === now.serial) &&
    (now.model === null || before.model === now.model)
  );
}

const pauseMs = 20;
const atOnce = 50;
