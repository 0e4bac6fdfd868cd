import type { Mac } from "@bramble/core/base";
import type { Sample } from "@bramble/core/observe";

/** Who a board is, as its hardware tells. */
export type Identity = {
  readonly mac: Mac;
  readonly serial: string | null;
  readonly model: string | null;
  readonly address: string | null;
  readonly cores: number;
  readonly memoryMb: number;
  /** New at every start of the board. */
  readonly bootId: string;
  readonly isSimulated: boolean;
};

/** What a board can be asked, whether it is real or pretended. */
export type Hardware = {
  /** Asked before each attempt to link: the address may have changed. */
  identity(): Promise<Identity>;
  /** One full sample, `at` included; `null` where this board cannot measure. */
  read(): Promise<Sample>;
};
