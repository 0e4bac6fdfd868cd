/** A span for a narrow cell: `340 ms`, `3.4 s`, `34 s`, `3 min`. */
export function time(ms: number): string {
  if (ms < 995) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 180_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

/** Octets in the largest fitting unit: `512 B`, `32 kB`, `9.1 MB`. */
export function bytesInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  return bytes < 999_500_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** `1 board`, `42 boards`. */
export function boardsInWords(count: number): string {
  return count === 1 ? "1 board" : `${count} boards`;
}
