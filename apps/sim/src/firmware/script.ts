import type { Mac, Millis, Random } from "@bramble/core/base";
import type { BootStep, Ipv4, PiModel } from "@bramble/core/boot";

/** What reaches the firmware of a board. */
export type FirmwareEvent =
  | { readonly kind: "power" }
  /** A datagram to UDP port 68, from this address. */
  | { readonly kind: "dhcp"; readonly bytes: Uint8Array; readonly from: Ipv4 }
  /** Any other frame that passes its cable; only the ROM of a 3B takes notice. */
  | { readonly kind: "frame" }
  /** A datagram to one of its ports. */
  | { readonly kind: "tftp"; readonly port: number; readonly from: Peer; readonly bytes: Uint8Array }
  /**
   * The answer to its last GET or POST; status 0: nobody answered. `total`: the whole size, where Content-Range told it.
   * `text`: the body, of a POST.
   */
  | {
      readonly kind: "http";
      readonly status: number;
      readonly bytes: number;
      readonly total: number | null;
      readonly text: string;
    }
  /** Its timer went off. */
  | { readonly kind: "time" };

/** What the firmware does. */
export type FirmwareAct =
  /** Broadcast from 0.0.0.0:68 to port 67. */
  | { readonly kind: "dhcp"; readonly bytes: Uint8Array }
  /** From here on its address is this one. */
  | { readonly kind: "configured"; readonly address: Ipv4 }
  | { readonly kind: "tftp"; readonly port: number; readonly to: Peer; readonly bytes: Uint8Array }
  /** A part of a file, both ends included. Whatever it asked for before is no longer wanted. */
  | { readonly kind: "get"; readonly path: string; readonly first: number; readonly last: number }
  | { readonly kind: "post"; readonly path: string; readonly body: string }
  /** Sets its only timer anew. `waits`: for its own work, which goes at the simulator's speed, or for an answer. */
  | { readonly kind: "timer"; readonly ms: Millis; readonly waits: "work" | "answer" }
  /** It has begun this step. */
  | { readonly kind: "step"; readonly step: BootStep }
  /** It does nothing more until its power is cycled. */
  | { readonly kind: "end"; readonly verdict: Verdict };

/** How a boot ended. */
export type Verdict =
  | {
      readonly kind: "up";
      readonly address: Ipv4;
      /** start.elf without its fixup.dat gives the system 128 MB only (raspberrypi/firmware issue 1041). */
      readonly hasFixup: boolean;
      readonly cmdline: string;
    }
  /** It stands at this step, at this file if it was a file, for this reason. */
  | { readonly kind: "stopped"; readonly step: BootStep; readonly file: string | null; readonly why: string };

/** A UDP address. */
export type Peer = { readonly address: Ipv4; readonly port: number };

/** What a board is. */
export type FirmwareFacts = {
  readonly model: PiModel;
  readonly mac: Mac;
  /** The low half of its serial: eight hex digits in lower case. */
  readonly serial: string;
};

/** Faults of the firmware that only some boards, or some days, show. */
export type Quirks = {
  /**
   * 3B: an OFFER is not acted on when it comes but at the next frame after the ROM's own timeout of a second
   * (raspberrypi/firmware issues 764, 862, 934).
   */
  readonly holdsOffers: boolean;
  /** 3B: of the OFFERs that come within two seconds this part locks it up (issues 764, 934). */
  readonly hasteLocks: number;
  /** Pi 3: a second OACK before the first DATA loses the file (issue 1041). */
  readonly doubleOackLosesFile: boolean;
  /** Pi 4 of early 2020: a reply with a PAD before its END is ignored (raspberrypi/rpi-eeprom issue 82). */
  readonly padHidesReply: boolean;
};

/** Quirks of a board that has none. */
export const noQuirks: Quirks = {
  holdsOffers: false,
  hasteLocks: 0,
  doubleOackLosesFile: false,
  padHidesReply: false,
};

/** What one boot starts from. */
export type FirmwareParts = {
  readonly facts: FirmwareFacts;
  readonly random: Random;
  readonly quirks: Quirks;
  /** It goes as far as this step and no further; null: as far as it can. */
  readonly stopAt: BootStep | null;
  /** The UDP port of the TFTP server: 69, but in a simulation. */
  readonly tftpPort: number;
  /** Looks at each piece of a file that came; false: it is not what it should be. */
  readonly inspect?: (path: string, offset: number, bytes: Uint8Array) => boolean;
};

/** What the parts of a boot share. */
export type Self = FirmwareParts & {
  say(act: FirmwareAct): void;
  /** A port that was not used for a long time. */
  freshPort(): number;
};

/** A part of the firmware's program: `yield` waits for the next event. Whoever waits has set the timer before. */
export type Script<T> = Generator<void, T, FirmwareEvent>;

/** The firmware works for `ms` and hears nothing. */
export function* work(self: Self, ms: Millis): Script<void> {
  self.say({ kind: "timer", ms, waits: "work" });
  while ((yield).kind !== "time");
}

/** The end of a boot that stopped. */
export function stopped(step: BootStep, file: string | null, why: string): Verdict & { readonly kind: "stopped" } {
  return { kind: "stopped", step, file, why };
}
