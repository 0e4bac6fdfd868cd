/** One code of the table: its HTTP status and a sentence for the operator. */
export type ErrorEntry = { readonly status: number; readonly hint: string };

/** Every error code that leaves the head, once. */
export const errorTable = {
  internal: { status: 500, hint: "This is our mistake; the head's log has the details." },
  "input.invalid": { status: 400, hint: "The request does not fit its schema: see /api/docs." },
  "input.mac": { status: 400, hint: "A MAC looks like b8:27:eb:00:00:01." },
  "input.too-large": { status: 413, hint: "Send less at once." },
  "input.media-type": { status: 415, hint: "Send JSON with content-type application/json." },
  "input.node-set": { status: 400, hint: "A node set looks like b[1-42], @k01 or @r1!b7." },
  "not-found": { status: 404, hint: "See /api/docs for what there is." },
  "board.unknown": { status: 404, hint: "`bramble boards` lists the boards that are known." },
  "warble.unknown": { status: 404, hint: "The id was in the answer to POST /api/v1/warbles." },
  "outlet.unknown": { status: 404, hint: "`bramble check` lists the outlets of the cluster file." },
  "role.unknown": { status: 404, hint: "`bramble role list` lists the roles of the cluster file." },
  "role.file": {
    status: 409,
    hint: "`bramble check` tells what is wrong in the cluster file; until then the roles stay as they were.",
  },
  "auth.required": { status: 401, hint: "Send the token: Authorization: Bearer …" },
  "auth.forbidden": { status: 403, hint: "This token may not do that." },
  "auth.player": {
    status: 403,
    hint: "This name is taken; its first post was answered with a player token. Choose another name or send that token.",
  },
  "limit.rate": { status: 429, hint: "Wait a moment; `retry-after` says how long." },
  "limit.connections": { status: 503, hint: "Too many connections are open; try again later." },
  "limit.boards": {
    status: 503,
    hint: "More boards have appeared than this head keeps; look for one that makes up MACs.",
  },
  "limit.queue": { status: 503, hint: "The queue is full; try again when it is shorter." },
  "link.refused": { status: 403, hint: "The board's hello was refused; the reason is in the message." },
  "boot.images": { status: 500, hint: "See --boot DIR: the folder must hold image.json, or folders that do." },
  "power.config": { status: 500, hint: "The cluster file's entry for this PDU is wrong." },
  "power.connection": { status: 502, hint: "The PDU cannot be reached; check its address and its cable." },
  "power.timeout": { status: 504, hint: "The PDU did not answer in time." },
  "power.refused": { status: 409, hint: "The PDU refused." },
  "power.answer": { status: 502, hint: "The PDU answered something that its driver does not understand." },
  "power.readback": { status: 502, hint: "The outlet does not read back as it was set." },
  "power.busy": { status: 409, hint: "Another plan has these boards or outlets; wait for it or cancel it." },
  "power.unplannable": { status: 409, hint: "POST /api/v1/power/plans with dryRun tells every reason and other ways." },
  "power.over-budget": { status: 409, hint: "`bramble plan` tells every limit and where it comes from." },
  "power.parent-off": { status: 409, hint: "Ask with withParents (--with-parents)." },
  "power.collateral": { status: 409, hint: "Name those boards too, or ask with allowCollateral (--collateral)." },
  "power.no-outlet": { status: 409, hint: "`bramble check` lists the outlets and what each feeds." },
  "power.confirm": { status: 409, hint: "Send the number of boards as `confirm`." },
  "power.plan-unknown": { status: 404, hint: "GET /api/v1/power/plans lists the plans." },
  "power.schedule-unknown": { status: 404, hint: "GET /api/v1/power lists the schedules." },
  "power.no-driver": { status: 501, hint: "This version has no driver for that make of PDU." },
  "samples.decode": { status: 400, hint: "The frame of samples is damaged." },
  "show.decode": { status: 400, hint: "The frame of the live stream is damaged." },
  "store.unavailable": {
    status: 503,
    hint: "The store cannot write now (disk full, read-only, or locked); nothing was acknowledged.",
  },
  "store.corrupt": { status: 500, hint: "The database is damaged; see docs/operator.md for what to do." },
  "sandbox.unavailable": { status: 503, hint: "The head's sandbox is busy or restarting; try again." },
} as const satisfies Record<string, ErrorEntry>;

/** A code of the table. */
export type ErrorCode = keyof typeof errorTable;

/** The body of every answer that is an error. */
export type ErrorBody = { readonly error: { readonly code: string; readonly message: string; readonly hint: string } };

/** The body for a code and what exactly was wrong. An unknown code is `internal`. */
export function errorBody(code: string, message: string): ErrorBody {
  return {
    error: { code, message, hint: (errorTable as Record<string, ErrorEntry>)[code]?.hint ?? errorTable.internal.hint },
  };
}

/** The HTTP status of a code. */
export function statusOf(code: string): number {
  return (errorTable as Record<string, ErrorEntry>)[code]?.status ?? 500;
}
