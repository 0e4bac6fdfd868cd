import type { ReactNode } from "react";
import { Component, lazy, Suspense } from "react";
import { Link, Route, Switch } from "wouter";
import { BoardsPage } from "./boards/boards-page.tsx";
import { HelpPage } from "./help/help-page.tsx";
import { Overview } from "./overview/overview.tsx";
import { Header } from "./parts/header.tsx";
import { Shortcuts } from "./parts/shortcuts.tsx";

const BootPage = lazy(() => import("./boot/boot-page.tsx").then(({ BootPage }) => ({ default: BootPage })));
const PlayPage = lazy(() => import("./play/play-page.tsx").then(({ PlayPage }) => ({ default: PlayPage })));
const PowerPage = lazy(() => import("./power/power-page.tsx").then(({ PowerPage }) => ({ default: PowerPage })));

/** The page: a header that stays, and one room at a time under it. */
export function App(): ReactNode {
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        <Caught>
          <Suspense fallback={<p className="waiting">Loading …</p>}>
            <Switch>
              <Route path="/" component={Overview} />
              <Route path="/boards" component={BoardsPage} />
              <Route path="/boot" component={BootPage} />
              <Route path="/power" component={PowerPage} />
              <Route path="/play" component={PlayPage} />
              <Route path="/help" component={HelpPage} />
              <Route component={Lost} />
            </Switch>
          </Suspense>
        </Caught>
      </main>
      <Shortcuts />
    </>
  );
}

function Lost(): ReactNode {
  return (
    <section className="prose">
      <h1>There is no such page</h1>
      <p>
        The address may be misspelt, or the page is not built yet. What there is: <Link href="/">the overview</Link>,{" "}
        <Link href="/boards">the boards</Link>, <Link href="/boot">how they boot</Link>,{" "}
        <Link href="/power">their power</Link>, <Link href="/play">a place to play</Link> and{" "}
        <Link href="/help">help</Link>.
      </p>
    </section>
  );
}

/** A room that breaks says so and leaves the header and the other rooms alone. */
class Caught extends Component<{ children: ReactNode }, { message: string | null }> {
  override state = { message: null };

  static getDerivedStateFromError(thrown: unknown): { message: string } {
    return { message: thrown instanceof Error ? thrown.message : String(thrown) };
  }

  override render(): ReactNode {
    if (this.state.message === null) return this.props.children;
    return (
      <section className="prose">
        <h1>This page broke</h1>
        <p>That is our mistake. Reloading helps most of the time. What the browser said:</p>
        <pre>{this.state.message}</pre>
      </section>
    );
  }
}
