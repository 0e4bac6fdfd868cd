/** One thing wrong in a cluster file, told so that the writer can mend it without reading our code. */
export type Problem = {
  /** Stable: `cluster.port-twice`. The whole list is `problemCodes`. */
  readonly code: ProblemCode;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Where in the file, `banks[3].ports`. */
  readonly path: string;
  readonly message: string;
  /** What would be right in this place, where one short phrase can say it. */
  readonly expected: string | null;
  /** The right name that was most likely meant. */
  readonly nearest: string | null;
};

/** Every code a problem can have, with a sentence on what it means. */
export const problemCodes = {
  "cluster.too-large": "the file is larger than one megabyte",
  "cluster.not-text": "the file is not text",
  "cluster.empty": "the file says nothing",
  "cluster.syntax": "the file is not YAML",
  "cluster.too-deep": "the file is nested deeper, or aliases spell out more, than any cluster needs",
  "cluster.key-twice": "one key stands twice in one map",
  "cluster.unknown-key": "no such key belongs here",
  "cluster.missing-key": "a key that must be here is not",
  "cluster.type": "a value of another kind belongs here",
  "cluster.value": "the value is of the right kind but out of bounds or badly formed",
  "cluster.range": "a name with ranges cannot be spelled out, or ranges in one entry differ in length",
  "cluster.name-twice": "two things have one name",
  "cluster.unknown-name": "nothing in the file has this name",
  "cluster.wrong-kind": "the name belongs to a thing of another kind",
  "cluster.board-without-model": "a board has no model",
  "cluster.bank-without-rack": "neither the bank nor its switch stands in a rack",
  "cluster.too-many-boards": "more boards are expected than there are slots",
  "cluster.port-beyond": "the switch has no port of this number",
  "cluster.port-twice": "two boards are plugged into one switch port",
  "cluster.ports-too-few": "a bank has fewer switch ports than slots",
  "cluster.ports-without-switch": "ports are given, but no switch they belong to",
  "cluster.unknown-outlet": "no PDU or PoE switch has this outlet",
  "cluster.outlet-beyond": "the PDU has no outlet of this number",
  "cluster.outlet-twice": "two circuits hang on one outlet",
  "cluster.fed-twice": "two circuits feed one thing",
  "cluster.not-fed": "boards hang on a supply that no circuit feeds",
  "cluster.no-poe": "a board takes its power from a switch port that gives none",
  "cluster.poe-over-load": "a board draws more than its switch port gives",
  "cluster.supply-over-load": "the boards on a supply need more than its steady load allows",
  "cluster.supply-over-peak": "the boards on a supply need more at the moment of power-on than it can give",
  "cluster.supply-ports": "more boards hang on a supply than it has ports",
  "cluster.breaker-over-load": "a PDU would carry more than its breaker or rating allows",
  "cluster.site-over-load": "the whole cluster would draw more than the site gives",
  "cluster.cycle": "things need each other in a circle, so none could ever be switched on",
  "cluster.address": "not an address, or not a network",
  "cluster.address-outside": "the address is outside the cluster's network",
  "cluster.address-twice": "two things have one address",
  "cluster.address-rule": "the rule for addresses cannot be read, or gives no address for some board",
  "cluster.mac": "not a MAC that a board can have",
  "cluster.mac-twice": "two things have one MAC",
  "cluster.wave-below-group": "a wave is smaller than a group that can only start as a whole",
  "cluster.boot-accept": "a wave accepts more boards than it starts",
  "cluster.thermal-order": "the temperatures for warning, alarm and cut-off do not rise",
  "cluster.role": "a role asks for what it may not have, or says two things where one belongs",
  "cluster.role-file": "a file that a role names is not beside the cluster file, or is too large",
  "cluster.profile": "a profile must say either how many boards or how many supplies",
  "cluster.timezone": "no such time zone",
  "cluster.driver-unknown": "this version has no driver of this name",
  "cluster.driver-setting": "the driver does not know the setting, cannot read it, or misses it",
  "cluster.node-set": "the node set names nothing in the file, or cannot be read",
} as const;

/** One of `problemCodes`. */
export type ProblemCode = keyof typeof problemCodes;
