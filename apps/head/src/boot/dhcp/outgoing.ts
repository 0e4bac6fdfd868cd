import type { Clock, Logger, Mac, Millis, Timer } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { Delivery, DhcpAnswer, Ipv4 } from "@bramble/core/boot";
import { encodeDhcp } from "@bramble/core/boot";
import type { DhcpCounts } from "./counts.ts";
import type { Journal } from "./journal.ts";
import type { Sender, Wire } from "./sockets.ts";

/** An answer on its way: it leaves when its time has come and its lease is written. */
export type Outgoing = Disposable & {
  /**
   * Send it. Of one board only the newest answer waits.
   *
   * @param lease the address whose lease it depends on; null for an answer that promises nothing.
   * @param onSent called when it has left.
   */
  send(answer: DhcpAnswer, lease: Ipv4 | null, from: Sender, onSent: () => void): void;
  /** Answers that wait for their time. */
  waiting(): number;
};

/** Sends over the wire, late where the client needs it so, and never before the journal allows. */
export function createOutgoing(parts: {
  readonly wire: Pick<Wire, "send" | "poke" | "canBroadcast">;
  readonly journal: Pick<Journal, "whenWritten">;
  readonly counts: DhcpCounts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly mostWaiting: number;
}): Outgoing {
  const { wire, journal, counts, clock, log, mostWaiting } = parts;
  const late = new Map<Mac, Timer[]>();

  const transmit = ({ message, delivery }: DhcpAnswer, from: Sender): void => {
    const bytes = encodeDhcp(message);
    // On loopback nothing can be broadcast and nobody has the address yet: whoever asked hears it where it asked from.
    if (delivery.to !== "relay" && !wire.canBroadcast) wire.send(bytes, from.port, from.address);
    else wire.send(bytes, delivery.port, delivery.address);
  };
  const dispatch = (answer: DhcpAnswer, lease: Ipv4 | null, from: Sender, onSent: () => void): void => {
    const send = (): void => {
      try {
        transmit(answer, from);
        onSent();
      } catch (thrown) {
        // Called after a commit or by a timer: the others that wait must not suffer.
        counts.faults++;
        log.error({ mac: answer.message.chaddr, error: messageOf(thrown) }, "a DHCP answer failed");
      }
    };
    if (lease === null) send();
    else journal.whenWritten({ mac: answer.message.chaddr, address: lease, send });
  };
  const cancel = (mac: Mac): boolean => {
    const timers = late.get(mac);
    if (timers === undefined) return false;
    for (const timer of timers) timer.cancel();
    return late.delete(mac);
  };

  return {
    send(answer, lease, from, onSent) {
      const { delivery, message } = answer;
      const mac = message.chaddr;
      if (late.size > 0 && cancel(mac)) counts.superseded++;
      if (delivery.delayMs === 0 && delivery.wakeFrames.length === 0) {
        dispatch(answer, lease, from, onSent);
        return;
      }
      if (late.size >= mostWaiting) {
        counts.overloaded++;
        return;
      }
      const timers = delivery.wakeFrames.map((ms) => clock.after(ms, () => wake(delivery, message.yiaddr)));
      timers.push(clock.after(delivery.delayMs, () => dispatch(answer, lease, from, onSent)));
      timers.push(clock.after(lastOf(delivery), () => late.delete(mac)));
      late.set(mac, timers);
    },
    waiting: () => late.size,
    [Symbol.dispose]() {
      for (const mac of [...late.keys()]) cancel(mac);
    },
  };

  /** Some small frame for the board's address: a Pi 3B acts on what it has received only when another frame comes. */
  function wake(delivery: Delivery, yiaddr: Ipv4): void {
    if (!wire.canBroadcast) return;
    wire.poke(delivery.to === "unicast" ? delivery.address : yiaddr);
  }
}

function lastOf({ delayMs, wakeFrames }: Delivery): Millis {
  return Math.max(delayMs, ...wakeFrames);
}
