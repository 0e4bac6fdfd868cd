import type { BootAnswer } from "@bramble/core/api";
import type { ReactNode } from "react";
import { timeOfDay, whole } from "../parts/words.ts";
import { bytesInWords } from "./words.ts";

/** The servers that boards boot from, what they served, and what is the matter with them. */
export function Servers({ boot }: { boot: BootAnswer | null }): ReactNode {
  if (boot === null) return null;
  const { dhcp, tftp, http } = boot.servers;
  const isNone = dhcp === null && tftp === null && http === null;
  return (
    <section className="card servers" aria-labelledby="servers-title">
      <h2 id="servers-title">Boot servers</h2>
      {isNone && (
        <>
          <p className="servers-none">
            This head runs no boot servers: another machine boots the boards, and what is shown here they tell
            themselves.
          </p>
          <p className="quiet">To let this head do it, start it with the folder of your images:</p>
          <pre className="code">bramble head … --boot IMAGES</pre>
        </>
      )}
      <dl>
        {dhcp !== null && (
          <Server name="DHCP" at={dhcp} note={dhcp.mode === "proxy" ? "beside another server" : ""}>
            {whole(dhcp.leases)} leases, {whole(dhcp.poolFree)} of {whole(dhcp.pool)} addresses for strangers free;{" "}
            {whole(dhcp.counts.offers ?? 0)} offers, {whole(dhcp.counts.declines ?? 0)} refused
          </Server>
        )}
        {dhcp === null && !isNone && (
          <div>
            <dt>DHCP</dt>
            <dd>another server gives the addresses</dd>
          </div>
        )}
        {tftp !== null && (
          <Server name="TFTP" at={tftp}>
            {whole(tftp.counts.done ?? 0)} files, {bytesInWords(tftp.counts.sentBytes ?? 0)};{" "}
            {whole(tftp.counts.resends ?? 0)} sent again, {whole(tftp.counts.failed ?? 0)} broken off
          </Server>
        )}
        {http !== null && (
          <Server name="HTTP" at={http}>
            {whole(http.counts.requests ?? 0)} requests, {whole(http.counts.sent ?? 0)} answered with a file
          </Server>
        )}
        {boot.images.map(({ name, arch, builtAt, check, bad }) => (
          <div key={name}>
            <dt>Image</dt>
            <dd>
              <b>{name}</b>{" "}
              <span className="quiet">
                {arch}, built {builtAt.slice(0, 10)}
              </span>
              <br />
              {check === "good" ? "its files are whole" : check === "checking" ? "its files are being checked" : ""}
              {check === "bad" && <span className="bad">damaged: {bad.join(", ")}</span>}
            </dd>
          </div>
        ))}
      </dl>
      {boot.servers.dhcp?.rogues.map((rogue) => (
        <p className="problem" key={rogue}>
          Another DHCP server answers on this network: {rogue}. Boards may take its answer and boot nothing.
        </p>
      ))}
      {boot.problems.map(({ folder, problems }) => (
        <p className="problem" key={folder}>
          {folder} is no image: {problems.join("; ")}
        </p>
      ))}
      {boot.alarms.map(({ at, kind, message }) => (
        <p className="problem" key={`${at} ${kind} ${message}`}>
          {timeOfDay(at)} {message}
        </p>
      ))}
      <details className="curl">
        <summary>The same as a command</summary>
        <pre className="code">{`curl ${window.location.origin}/api/v1/boot\nbramble boot`}</pre>
      </details>
    </section>
  );
}

type ServerProps = {
  readonly name: string;
  readonly at: { readonly address: string; readonly port: number };
  readonly note?: string;
  readonly children: ReactNode;
};

function Server({ name, at, note = "", children }: ServerProps): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <b>
          {at.address}:{at.port}
        </b>{" "}
        <span className="quiet">{note}</span>
        <br />
        {children}
      </dd>
    </div>
  );
}
