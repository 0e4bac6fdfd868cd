import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { mac, seededRandom } from "@bramble/core/base";
import type { DhcpMessage } from "@bramble/core/boot";
import {
  addressOf,
  decodeDhcp,
  decodeTftp,
  encodeDhcp,
  encodeTftp,
  optionCodes,
  textOctets,
  textOf,
  typeOctets,
} from "@bramble/core/boot";

/** Clients that no package brings, run inside a namespace: `discover`, `ask`, `mute`, `storm`. Each prints one line of JSON. */
const [mode = "", ...args] = process.argv.slice(2);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const tell = (said: unknown): void => void process.stdout.write(`${JSON.stringify(said)}\n`);
const bound = async (port: number): Promise<Socket> => {
  const socket = createSocket("udp4");
  socket.bind(port);
  await once(socket, "listening");
  socket.setBroadcast(true);
  return socket;
};

/** A network card that wants to boot asks (Intel PXE 2.1), or a Raspberry Pi 3. */
function discoverOf(board: string, isPi: boolean): DhcpMessage {
  return {
    ...{ op: "request", hops: 0, xid: isPi ? 0x26f30339 : 7, secs: 0, isBroadcast: true, chaddr: mac(board) },
    ...{ ciaddr: "0.0.0.0", yiaddr: "0.0.0.0", siaddr: "0.0.0.0", giaddr: "0.0.0.0", sname: "", file: "" },
    options: new Map([
      [optionCodes.type, typeOctets("discover")],
      [optionCodes.wanted, Uint8Array.of(43, 60, 66, 67, 1, 3)],
      [optionCodes.vendorClass, textOctets("PXEClient:Arch:00000:UNDI:002001")],
      [optionCodes.arch, Uint8Array.of(0, 0)],
      [optionCodes.uuid, Uint8Array.of(0, ...Array.from({ length: 16 }, () => 0x44))],
    ]),
  };
}

/** Every OFFER that comes within some time. @param wire the broadcast address of the network. */
async function discover(wire = "", board = "", ms = "4000"): Promise<void> {
  const socket = await bound(68);
  const offers: unknown[] = [];
  socket.on("message", (bytes, { address }) => {
    const message = decodeDhcp(bytes);
    if (message.op !== "reply" || message.chaddr !== mac(board)) return;
    const { yiaddr } = message;
    const [server, vendor, words] = [
      addressOf(message, optionCodes.server),
      textOf(message, optionCodes.vendorClass),
      message.options.get(43),
    ];
    offers.push({
      from: address,
      yiaddr,
      server,
      vendor,
      isForPi: Buffer.from(words ?? []).includes("Raspberry Pi Boot"),
    });
  });
  // As the ROM does, more than once.
  for (let n = 0; n < 2; n++) {
    socket.send(encodeDhcp(discoverOf(board, board.startsWith("b8:27:eb"))), 67, wire);
    await pause(Number(ms) / 2);
  }
  socket.close();
  tell(offers);
}

/** Requests with names that no program sends: latin1 in base64, by commas. Tells what came for each. */
async function ask(server = "", names64 = ""): Promise<void> {
  tell(await Promise.all(names64.split(",").map((name) => askOne(server, Buffer.from(name, "base64")))));
}

async function askOne(server: string, name: Uint8Array): Promise<{ kind: string; said: string }> {
  const socket = await bound(0);
  const answer = once(socket, "message", { signal: AbortSignal.timeout(5000) });
  socket.send(Buffer.concat([Uint8Array.of(0, 1), name, Buffer.from("\0octet\0")]), 69, server);
  const bytes: Buffer | null = await answer.then(([heard]) => heard as Buffer).catch(() => null);
  socket.close();
  return bytes === null
    ? { kind: "silence", said: "" }
    : { kind: decodeTftp(bytes).kind, said: bytes.toString("latin1") };
}

/** Takes ten blocks and then not another word, while the server sends what it sends. */
async function mute(server = "", path = "", ms = "45000"): Promise<void> {
  const socket = await bound(0);
  let blocks = 0;
  let again = 0;
  let goodbye: string | null = null;
  socket.on("message", (bytes, from) => {
    const packet = decodeTftp(bytes);
    if (packet.kind === "error") goodbye = packet.message;
    if (packet.kind !== "data") return;
    if (blocks === 10) again++;
    else socket.send(encodeTftp({ kind: "ack", block: ++blocks }), from.port, from.address);
  });
  socket.send(encodeTftp({ kind: "read", path, mode: "octet", options: new Map() }), 69, server);
  await pause(Number(ms));
  socket.close();
  tell({ blocks, again, goodbye });
}

/** Random and mutated packets at DHCP, TFTP and HTTP of a server, some thousand a second. */
async function storm(server = "", count = "1000", seed = "1"): Promise<void> {
  const random = seededRandom(seed);
  const octets = (most: number): Buffer =>
    Buffer.from(Uint8Array.from({ length: random.whole(most) }, () => random.whole(256)));
  const mutated = (packet: Uint8Array): Buffer => {
    const copy = Buffer.from(packet);
    for (let n = random.whole(8); n >= 0; n--) copy[random.whole(copy.length)] = random.whole(256);
    return random.whole(3) === 0 ? copy.subarray(0, random.whole(copy.length)) : copy;
  };
  const dhcp = (): Uint8Array =>
    encodeDhcp(discoverOf(`02:00:00:00:00:${random.whole(256).toString(16).padStart(2, "0")}`, random.whole(2) === 0));
  const tftp = (): Uint8Array =>
    random.whole(4) === 0
      ? encodeTftp({ kind: "ack", block: random.whole(65_536) })
      : encodeTftp({
          kind: "read",
          path: ["kernel8.img", "config.txt", "no", "a2000001/start.elf"][random.whole(4)]!,
          mode: "octet",
          options: new Map([
            ["tsize", "0"],
            ["windowsize", "64"],
          ]),
        });
  const http = [
    "GET /kernel8.img HTTP/1.1\r\nhost: x\r\nrange: bytes=5-9\r\n\r\n",
    'POST /discovered HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{"mac":1}',
    "HEAD /ipxe/02-00-00-00-00-01 HTTP/1.1\r\nhost: x\r\n\r\n",
  ];
  const socket = await bound(0);
  const send = (packet: Uint8Array, port: number): Promise<void> =>
    new Promise((resolve) => socket.send(packet, port, server, () => resolve()));
  const knock = (text: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      const line = connect(8882, server, () => line.end(text))
        .on("error", () => {})
        .on("close", () => resolve());
      line.resume().setTimeout(5000, () => line.destroy());
    });
  let sent = 0;
  const wanted = Number(count);
  while (sent < wanted) {
    const batch: Promise<void>[] = [];
    for (let n = 0; n < 48; n++) {
      batch.push(
        send(n % 3 === 0 ? octets(1400) : mutated(dhcp()), 67),
        send(n % 3 === 0 ? octets(600) : mutated(tftp()), 69),
      );
      sent += 2;
    }
    for (let n = 0; n < 4; n++, sent++)
      batch.push(knock(random.whole(3) === 0 ? octets(2000) : mutated(Buffer.from(http[random.whole(http.length)]!))));
    await Promise.all(batch);
  }
  socket.close();
  tell({ sent });
}

const modes: Readonly<Record<string, (...args: string[]) => Promise<void>>> = { discover, ask, mute, storm };
await modes[mode]!(...args);
