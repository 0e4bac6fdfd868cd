import { stateKinds } from "@bramble/core/observe";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { KeyList } from "../parts/shortcuts.tsx";
import { Swatch } from "../parts/swatch.tsx";
import { stateWords } from "../parts/words.ts";

/** How to read the picture, which keys there are, where to go on. */
export function HelpPage(): ReactNode {
  return (
    <article className="prose">
      <h1>Help</h1>
      <h2>Reading the picture</h2>
      <p>
        Every upright bar is one board, where it really sits: racks side by side, banks as rows of 21, the lower and the
        upper half of a rack apart. On top shines the lamp. A board fills up while it wakes; once it is up, its colour
        tells its heat, CPU or memory. Boards of 70 °C and more stand out larger. A bright dot means that a Warble runs
        there.
      </p>
      <ul className="states">
        {stateKinds.map((kind) => (
          <li key={kind}>
            <Swatch state={kind} />
            <b>{kind}</b> {stateWords[kind]}
          </li>
        ))}
      </ul>
      <p>
        When the link to the head is lost, the last known picture stays, greyed, with its age, until the link is back.
      </p>
      <h2>Booting</h2>
      <p>
        <Link href="/boot">Boot</Link> shows how boards start over the network: one row a board, one column a step, each
        with its time. A frame is where a board is now, ✕ where it stopped, with the likely cause; ↻ counts what had to
        be sent again. Beside it stands what to do. A press on a board opens its files and what the servers saw, and
        lets you choose what it boots next.
      </p>
      <h2>Power</h2>
      <p>
        <Link href="/power">Power</Link> shows which outlets are on, which of them are not believed and why, how near
        each limit is, and what is planned. Name boards as a node set, or choose rows; you see what a plan would touch,
        or why it is refused and what else there is, before anything is switched. Above 50 boards you type their number.
      </p>
      <h2>Playing</h2>
      <p>
        On <Link href="/play">Play</Link> you write a Warble, a program of at most 280 characters such as{" "}
        <code>{'#pi{PRINT("hello cluster")}'}</code>, try it in your browser, and send it to the cluster, where a board
        with time to spare runs it. The editor offers words while you type, explains the one that you point at, and
        marks what is wrong; often it knows the remedy.
      </p>
      <h2>Keys</h2>
      <KeyList />
      <h2>The same by other ways</h2>
      <p>
        <code>bramble status</code>, <code>bramble boards</code> and <code>bramble warble post</code> do the same in a
        terminal; <a href="/api/docs">the REST interface</a> serves everything that this page shows.
      </p>
    </article>
  );
}
