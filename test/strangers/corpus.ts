/** One hostile input with the words that tell it. */
export type Hostile<T = string> = readonly [what: string, input: T];

const tower = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);

/** Texts that are no JSON, or JSON that nobody expects. */
export const texts: readonly Hostile[] = [
  ["nothing", ""],
  ["cut in the middle", '{"mac":"b8:27:eb:00:00:01","at":17'],
  ["two values", "{}{}"],
  ["a list in a list in a list", tower("[", "]", 20_000)],
  ["an object in an object", tower('{"a":', "}", 1).replace("}", "1}")],
  ["open brackets only", "[".repeat(50_000)],
  ["null", "null"],
  ["a number", "1e400"],
  ["a text", '"text"'],
  ["a list", "[1,null,{}]"],
  ["an empty object", "{}"],
  ["a name of objects", '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"x":1}}}'],
  ["a type that cannot be spelt out", '{"type":{"toString":1,"valueOf":1}}'],
  ["a type that is a name of objects", '{"type":"__proto__"}'],
  ["one key twice", '{"type":"hello","type":"bye","text":1,"text":"x","verb":"kill","verb":1}'],
  ["NUL", '{"type":"\u0000","mac":"\\u0000"}'],
  ["half a surrogate", '{"type":"\\ud800","user":"\\udfff","text":"\\ud800"}'],
  ["wrong types everywhere", '{"mac":1,"at":"now","text":[],"user":{},"type":7,"set":null,"on":"yes","verb":[]}'],
  ["numbers past all measure", '{"mac":"b8:27:eb:00:00:01","at":9e99,"cpu":-1e308,"slots":1e300}'],
  ["a very long word", JSON.stringify({ text: "x".repeat(60_000), user: "y".repeat(60_000), set: "@".repeat(60_000) })],
  ["very many keys", JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`k${n}`, n])))],
  ["comments", "/* hello */ {}"],
  ["YAML", "type: hello\nmac: &a [*a]"],
];

/** Octets that are no text. */
export const octets: readonly Hostile<Uint8Array>[] = [
  ["wrong UTF-8", Uint8Array.of(0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0xff, 0x7d)],
  ["an overlong slash", Uint8Array.of(0xc0, 0xaf, 0xe0, 0x80, 0xaf)],
  ["NULs", new Uint8Array(64)],
  ["noise", Uint8Array.from({ length: 512 }, (_, n) => (n * 197 + 31) % 256)],
  ["a TLS greeting", Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3)],
  ["a zip", Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0)],
  ["counts past all measure", Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)],
];

/** Words where a name, an id, a path or a query is expected. */
export const words: readonly Hostile[] = [
  ["a way up", "../../../etc/passwd"],
  ["a hidden way up", "%2e%2e%2f%2e%2e%2fetc%2fpasswd"],
  ["a way up, twice hidden", "..%252f..%252fetc%252fpasswd"],
  ["NUL", "a%00b"],
  ["wrong UTF-8", "%c3%28"],
  ["a broken escape", "%zz"],
  ["SQL", "b0001'%20OR%201=1;--"],
  ["a shell", "$(reboot)`reboot`;reboot"],
  ["a name of objects", "__proto__"],
  ["another name of objects", "constructor"],
  ["a node set without end", `b[1-${"9".repeat(30)}]`],
  ["a node set of brackets", "b[".repeat(200)],
  ["very long", "x".repeat(3000)],
  ["a number past all measure", "9".repeat(400)],
  ["a minus", "-1"],
  ["new lines", "a%0d%0aset-cookie:%20x=1"],
];

/** Raw requests; `\n` stands for CR LF. */
export const requests: readonly Hostile[] = [
  ["no HTTP", "HELO there\n\n"],
  ["a line without end", `GET /${"a".repeat(40_000)}`],
  ["no Host", "GET /healthz HTTP/1.1\n\n"],
  ["a foreign Host", "GET /healthz HTTP/1.1\nhost: evil.example\n\n"],
  ["two lengths", "POST /api/v1/boot HTTP/1.1\nhost: 127.0.0.1\ncontent-length: 1\ncontent-length: 9\n\n{}"],
  [
    "a length and chunks",
    "POST /api/v1/boot HTTP/1.1\nhost: 127.0.0.1\ncontent-length: 4\ntransfer-encoding: chunked\n\n0\n\nGET / HTTP/1.1\n\n",
  ],
  ["hidden chunks", "POST /api/v1/boot HTTP/1.1\nhost: 127.0.0.1\ntransfer-encoding: xchunked\n\n0\n\n"],
  ["a folded header", "GET /healthz HTTP/1.1\nhost: 127.0.0.1\nx: a\n b\n\n"],
  ["a space before the colon", "GET /healthz HTTP/1.1\nhost : 127.0.0.1\n\n"],
  ["a negative length", "POST /api/v1/boot HTTP/1.1\nhost: 127.0.0.1\ncontent-length: -5\n\n"],
  [
    "a chunk past all measure",
    "POST /api/v1/boot HTTP/1.1\nhost: 127.0.0.1\ntransfer-encoding: chunked\n\nffffffffffffffffff\n",
  ],
  ["a flood of headers", `GET /healthz HTTP/1.1\nhost: 127.0.0.1\n${"x: y\n".repeat(5000)}\n`],
  ["a header of 100 kB", `GET /healthz HTTP/1.1\nhost: 127.0.0.1\nx: ${"y".repeat(100_000)}\n\n`],
  ["NUL in a header", "GET /healthz HTTP/1.1\nhost: 127.0.0.1\nx: a\0b\n\n"],
  ["another method", "BREW /healthz HTTP/1.1\nhost: 127.0.0.1\n\n"],
  ["CONNECT", "CONNECT evil.example:443 HTTP/1.1\nhost: evil.example\n\n"],
  ["an expectation", "GET /healthz HTTP/1.1\nhost: 127.0.0.1\nexpect: the-unexpected\n\n"],
  ["HTTP/2", "PRI * HTTP/2.0\n\nSM\n\n"],
  ["an upgrade elsewhere", "GET /up HTTP/1.1\nhost: 127.0.0.1\nconnection: upgrade\nupgrade: websocket\n\n"],
  [
    "a WebSocket without a key",
    "GET /api/v1/live HTTP/1.1\nhost: 127.0.0.1\nconnection: upgrade\nupgrade: websocket\nsec-websocket-version: 13\n\n",
  ],
  [
    "a WebSocket of another age",
    "GET /api/v1/link HTTP/1.1\nhost: 127.0.0.1\nconnection: upgrade\nupgrade: websocket\nsec-websocket-version: 1\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\n\n",
  ],
];

const masked = (first: number, size: number, sent = size): Uint8Array =>
  Uint8Array.from([
    first,
    ...(size < 126 ? [0x80 | size] : [0x80 | 126, size >> 8, size & 255]),
    0,
    0,
    0,
    0,
    ...new Uint8Array(sent),
  ]);

/** Octets on the wire of an open WebSocket: frames against RFC 6455, or against patience. */
export const frames: readonly Hostile<Uint8Array>[] = [
  ["an unmasked frame", Uint8Array.of(0x81, 2, 0x7b, 0x7d)],
  ["a frame with bits that nobody agreed on", masked(0xf1, 2)],
  ["an operation that is none", masked(0x83, 0)],
  ["a continuation of nothing", masked(0x80, 5)],
  ["a text within a text", Uint8Array.from([...masked(0x01, 2), ...masked(0x81, 2)])],
  ["a ping in pieces", masked(0x09, 2)],
  ["a ping too long", masked(0x89, 200)],
  ["a close with half a code", masked(0x88, 1)],
  ["a frame of four exabytes", Uint8Array.of(0x82, 0xff, 0x3f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0)],
  ["text that is not UTF-8", Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28)],
  ["a thousand pings", Uint8Array.from(Array.from({ length: 2000 }, () => [...masked(0x89, 0)]).flat())],
  [
    "a thousand empty pieces",
    Uint8Array.from([...masked(0x01, 0), ...Array.from({ length: 20_000 }, () => [...masked(0x00, 0)]).flat()]),
  ],
];
