import type { LaneAnswer } from "@bramble/core/api";
import type { ReactNode } from "react";
import { columns } from "./lanes.ts";
import { bytesInWords, time } from "./words.ts";

const outcomes = {
  moving: "on its way",
  done: "sent",
  missing: "there is none",
  probed: "only looked for",
  failed: "broke off",
} as const;

/** Each step with its time beside that of the boot before. */
export function LaneSteps({ lane }: { lane: LaneAnswer }): ReactNode {
  const { previous } = lane;
  return (
    <>
      <h3 id="lane-steps">Steps{previous === null ? "" : ", and the boot before"}</h3>
      <table className="lane-detail" aria-labelledby="lane-steps">
        <thead>
          <tr>
            <th scope="col">step</th>
            <th scope="col">took</th>
            <th scope="col">before</th>
            <th scope="col">sent</th>
            <th scope="col">again</th>
          </tr>
        </thead>
        <tbody>
          {lane.steps.map(({ step, tookMs, previousMs, bytes, resends, percent }) => (
            <tr key={step} data-now={step === lane.at && lane.state !== "up"}>
              <th scope="row">{columns.find(({ id }) => id === step)?.label}</th>
              <td>{tookMs === null ? "–" : time(tookMs)}</td>
              <td>{previousMs === null ? "–" : time(previousMs)}</td>
              <td>
                {bytes === 0 ? "–" : bytesInWords(bytes)}
                {percent !== null && percent < 100 && ` ${percent} %`}
              </td>
              <td>{resends === 0 ? "–" : resends}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">in all</th>
            <td>{lane.tookMs === null ? "–" : time(lane.tookMs)}</td>
            <td>{previous === null ? "–" : time(previous.tookMs)}</td>
            <td colSpan={2}>{previous === null ? "" : pastInWords(previous)}</td>
          </tr>
        </tbody>
      </table>
    </>
  );
}

/** The files that it asked for, in its order. */
export function LaneFiles({ lane }: { lane: LaneAnswer }): ReactNode {
  if (lane.files.length === 0) return null;
  return (
    <>
      <h3 id="lane-files">Files, as it asked for them</h3>
      <table className="lane-detail lane-files" aria-labelledby="lane-files">
        <thead>
          <tr>
            <th scope="col">file</th>
            <th scope="col">sent</th>
            <th scope="col">in</th>
            <th scope="col">again</th>
          </tr>
        </thead>
        <tbody>
          {lane.files.map(({ path, by, outcome, asks, bytes, sizeBytes, resends, begunAt, heardAt, why }) => (
            <tr key={`${by} ${path}`} data-outcome={outcome}>
              <th scope="row" title={`${by.toUpperCase()} ${path}`}>
                {path}
                {asks > 1 && <span className="quiet"> asked {asks} times</span>}
                {outcome !== "done" && <em>{outcomes[outcome]}</em>}
                {why !== null && <em>{why}</em>}
              </th>
              <td>
                {bytes === 0 ? "–" : bytesInWords(bytes)}
                {sizeBytes !== null && outcome !== "done" && bytes > 0 && ` of ${bytesInWords(sizeBytes)}`}
              </td>
              <td>{bytes === 0 ? "–" : time(Math.max(0, heardAt - begunAt))}</td>
              <td>{resends === 0 ? "–" : resends}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** What the servers saw of it, line by line, from its first sign on. */
export function LaneWire({ lane }: { lane: LaneAnswer }): ReactNode {
  const { events } = lane;
  const first = events[0]?.at ?? 0;
  if (events.length === 0) return null;
  return (
    <details className="wire">
      <summary>On the wire, {events.length} lines</summary>
      <ol>
        {events.map(({ at, what }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same line may stand there twice
          <li key={index}>
            <time>+{((at - first) / 1000).toFixed(3)}</time> {what}
          </li>
        ))}
      </ol>
    </details>
  );
}

function pastInWords({ outcome, at }: NonNullable<LaneAnswer["previous"]>): string {
  const where = columns.find(({ id }) => id === at)?.label ?? "power";
  if (outcome === "up") return "it came up";
  return outcome === "stopped" ? `it stopped at ${where}` : `cut off at ${where}`;
}
