/** Something about DHCP that a person should know; told once when it begins, and once when it is over. */
export type DhcpAlarm = {
  readonly kind:
    | "dhcp.rogue"
    | "dhcp.replaced"
    | "dhcp.rogue-gone"
    | "dhcp.lonely"
    | "dhcp.conflict"
    | "dhcp.misplaced"
    | "dhcp.pool-empty"
    | "dhcp.pool-free"
    | "dhcp.unwritten"
    | "dhcp.written";
  readonly level: "info" | "warn" | "error";
  /** Name of the board that it is about; null when it is about all. */
  readonly board: string | null;
  readonly message: string;
};
