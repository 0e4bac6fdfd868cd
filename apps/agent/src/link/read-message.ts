import type { HeadMessage } from "@bramble/core/api";

/**
 * A text frame of the head, or null when it is none that we know. Never throws.
 *
 * It accepts exactly what `HeadMessage` of core/api does, which a property test keeps true. Written out by hand because
 * the schema library would cost the board 4 MB of its memory and this reads a message in a hundredth of the time.
 */
export function readMessage(text: string): HeadMessage | null {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(said) || typeof said.type !== "string" || !Object.hasOwn(shapes, said.type)) return null;
  const type = said.type as HeadMessage["type"];
  for (const field in optional[type])
    if (Object.hasOwn(said, field) && !optional[type][field]!(said[field])) return null;
  return hasShape(said, shapes[type]) ? (said as HeadMessage) : null;
}

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => Number.isFinite(value);
const isWhole = (value: unknown): boolean => Number.isInteger(value);
const isFlag = (value: unknown): boolean => typeof value === "boolean";
const isTexts = (value: unknown): boolean => isObject(value) && Object.values(value).every(isText);
const isPlace = (value: unknown): boolean => value === null || (isObject(value) && hasShape(value, place));

const place: Shape = { rack: isText, bank: isText, slot: isWhole };

const offer: Shape = { id: isText, checksum: isText, bytes: isWhole };
const isOffer = (value: unknown): boolean => value === null || (isObject(value) && hasShape(value, offer));

const isListOf = (isItem: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(isItem);
const isSlots = isListOf(
  (value) => Array.isArray(value) && value.length === 2 && isWhole(value[0]) && isText(value[1]),
);
const answer: Shape = { value: isText, steps: isWhole, cells: isWhole, made: isWhole };
const isAnswer = (value: unknown): boolean => value === null || (isObject(value) && hasShape(value, answer));
const order: Shape = {
  ...{ at: isWhole, first: isWhole, last: isWhole, chunks: isWhole, steps: isWhole, fuel: isWhole, precision: isWhole },
  ...{ depth: isWhole, stack: isWhole, cells: isWhole, held: isWhole, globals: isSlots, locals: isSlots },
};
const isOrder = (value: unknown): boolean => isObject(value) && hasShape(value, order);

const shapes: Readonly<Record<HeadMessage["type"], Shape>> = {
  welcome: {
    name: isText,
    place: isPlace,
    epoch: isText,
    intervalMs: isNumber,
    heartbeatMs: isNumber,
    cpuLimit: isNumber,
    board: isWhole,
    boards: isWhole,
  },
  refused: { code: isText, message: isText, retryAfterMs: isNumber },
  stored: { upTo: isNumber },
  run: {
    lease: isText,
    post: isText,
    user: isText,
    saved: isTexts,
    data: isTexts,
    seed: isNumber,
    nowMs: isNumber,
    timeoutMs: isNumber,
  },
  chunks: {
    lease: isText,
    post: isText,
    order: isOrder,
    from: isWhole,
    count: isWhole,
    budget: isNumber,
    timeoutMs: isNumber,
  },
  folded: { lease: isText, fold: isWhole, answers: isListOf(isAnswer), isLast: isFlag },
  taken: { lease: isText },
  cancel: { lease: isText },
  halt: { reason: isText },
  role: { role: isOffer },
};

/** Fields that may be absent. */
const optional: Readonly<Partial<Record<HeadMessage["type"], Shape>>> = {
  welcome: { role: isOffer },
  run: { spread: isFlag },
  halt: { restart: isFlag },
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasShape(value: Record<string, unknown>, shape: Shape): boolean {
  for (const field in shape) if (!Object.hasOwn(value, field) || !shape[field]!(value[field])) return false;
  return true;
}
