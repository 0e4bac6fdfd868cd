import type { BoardBody, WarbleBody } from "@bramble/core/api";
import { messageOf } from "@bramble/core/base";
import type { ReactNode } from "react";
import { useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "wouter";
import { readRow } from "../live/columns.ts";
import { useParts, useTwin } from "../live/context.tsx";
import { Swatch } from "../parts/swatch.tsx";
import { span, stateWords, whole } from "../parts/words.ts";

/** What a panel needs. */
export type BoardPanelProps = {
  readonly name: string;
  readonly onClose: () => void;
  /** Show another board instead. */
  readonly onBoard: (name: string) => void;
};

/** Everything about one board. The newest numbers come from the stream at once, the rest by REST every few seconds. */
export function BoardPanel({ name, onClose, onBoard }: BoardPanelProps): ReactNode {
  const twin = useTwin();
  const { rest, clock } = useParts();
  const heading = useRef<HTMLHeadingElement>(null);
  const [board, setBoard] = useState<BoardBody | null>(null);
  const [warble, setWarble] = useState<WarbleBody | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const index = twin.indexOf(name);
  const row = index < 0 ? null : readRow(twin.columns, index);
  const state = row?.state;

  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another board's facts must not stand under this name
  useEffect(() => {
    setBoard(null);
    setWarble(null);
  }, [name]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of state is a reason to ask again at once
  useEffect(() => {
    const ended = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        setBoard(await rest.get<BoardBody>(`/boards/${encodeURIComponent(name)}`, ended.signal));
        setProblem(null);
        const { warbles } = await rest.get<{ warbles: WarbleBody[] }>("/warbles?limit=100", ended.signal);
        setWarble(warbles.find((each) => each.board === name) ?? null);
      } catch (thrown) {
        if (!ended.signal.aborted) setProblem(messageOf(thrown));
      }
    };
    void ask();
    const timer = clock.every(5000, () => void ask());
    return () => {
      timer.cancel();
      ended.abort();
    };
  }, [name, state, rest, clock]);

  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      onClose();
      document.querySelector<HTMLElement>(".picture")?.focus({ preventScroll: true });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [onClose]);

  const shown = state ?? board?.state ?? "off";
  const latest = board?.latest ?? null;
  const place = board?.place ?? null;
  return (
    <aside className="panel" aria-labelledby="panel-title">
      <header>
        <div>
          <h2 id="panel-title" ref={heading} tabIndex={-1}>
            {name}
          </h2>
          <p className="quiet">
            {place === null
              ? board === null
                ? " "
                : "not in the cluster file"
              : `rack ${place.rack}, bank ${place.bank}, slot ${place.slot}`}
          </p>
        </div>
        <span className="panel-steps">
          {([-1, 1] as const).map((by) => {
            const other = index < 0 ? undefined : twin.names[index + by];
            return (
              <Button
                key={by}
                className="icon-button"
                aria-label={by < 0 ? "The board before" : "The next board"}
                isDisabled={other === undefined}
                onPress={() => other !== undefined && onBoard(other)}
              >
                <span aria-hidden="true">{by < 0 ? "‹" : "›"}</span>
              </Button>
            );
          })}
          <Button className="icon-button" aria-label="Close" onPress={onClose}>
            <span aria-hidden="true">✕</span>
          </Button>
        </span>
      </header>
      {problem !== null && <p className="problem">{problem}</p>}
      <p className="panel-state" data-state={shown}>
        <Swatch state={shown} />
        <span>
          <b>{shown}</b> {board !== null && board.state === shown ? `for ${span(clock.now() - board.since)}` : ""}
          <br />
          <span className="quiet">{board?.cause ?? stateWords[shown]}</span>
        </span>
      </p>
      <div className="readings">
        <Reading
          label="Temperature"
          value={row?.temperatureC ?? null}
          unit="°C"
          most={85}
          digits={1}
          isHigh={(row?.temperatureC ?? 0) >= 70}
        />
        <Reading label="CPU" value={row?.cpu ?? null} unit="%" most={100} />
        <Reading label="Memory" value={row?.memory ?? null} unit="%" most={100} />
        <Reading
          label="Disk"
          value={
            latest?.diskTotalGb && latest.diskUsedGb !== null ? (latest.diskUsedGb / latest.diskTotalGb) * 100 : null
          }
          unit="%"
          most={100}
        />
      </div>
      {latest !== null && latest.processes.length > 0 && (
        <>
          <h3>Busiest processes</h3>
          <table className="processes">
            <thead>
              <tr>
                <th scope="col">name</th>
                <th scope="col">user</th>
                <th scope="col">CPU</th>
                <th scope="col">memory</th>
              </tr>
            </thead>
            <tbody>
              {latest.processes.map((each) => (
                <tr key={each.pid}>
                  <td title={`pid ${each.pid}`}>{each.name}</td>
                  <td>{each.user}</td>
                  <td>{each.cpu.toFixed(1)}</td>
                  <td>{each.memory.toFixed(1)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      {warble !== null && (
        <>
          <h3>Last Warble</h3>
          <pre className="code">{warble.text}</pre>
          {warble.out.length > 0 && <pre className="code output">{warble.out.join("\n").slice(0, 2000)}</pre>}
        </>
      )}
      {board !== null && (
        <dl className="facts">
          <Fact label="MAC" value={board.mac} />
          <Fact label="address" value={board.address} />
          <Fact label="model" value={board.model} />
          <Fact label="switch port" value={place?.switch == null ? null : `${place.switch} / ${place.port ?? "?"}`} />
          <Fact label="group" value={place?.group ?? null} />
          <Fact label="running for" value={latest?.uptimeS == null ? null : span(latest.uptimeS * 1000)} />
          <Fact
            label="network"
            value={
              latest?.rxKbps == null ? null : `${whole(latest.rxKbps)} in, ${whole(latest.txKbps ?? 0)} out kbit/s`
            }
          />
          <Fact label="board" value={board.simulated ? "simulated" : "real"} />
        </dl>
      )}
      <p className="panel-link">
        <Link href={`/boot?set=${encodeURIComponent(name)}&board=${encodeURIComponent(name)}`}>How it booted</Link>
      </p>
      <details className="curl">
        <summary>The same as a command</summary>
        <pre className="code">{`curl ${window.location.origin}/api/v1/boards/${name}`}</pre>
      </details>
    </aside>
  );
}

type ReadingProps = {
  label: string;
  value: number | null;
  unit: string;
  most: number;
  digits?: number;
  isHigh?: boolean;
};

function Reading({ label, value, unit, most, digits = 0, isHigh = false }: ReadingProps): ReactNode {
  return (
    <div className="reading" data-high={isHigh}>
      <span className="quiet">{label}</span>
      <b>{value === null ? "–" : `${value.toFixed(digits)} ${unit}`}</b>
      <div className="bar" aria-hidden="true">
        <i className="bar-up" style={{ width: `${value === null ? 0 : Math.min(100, (value / most) * 100)}%` }} />
      </div>
    </div>
  );
}

function Fact({ label, value }: { label: string; value: string | null }): ReactNode {
  if (value === null) return null;
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
