import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link, useLocation } from "wouter";
import { countStates } from "../live/columns.ts";
import { useParts, useTwin } from "../live/context.tsx";
import type { Theme } from "./theme.ts";
import { applyTheme, rememberedTheme } from "./theme.ts";
import { span, whole } from "./words.ts";

const places = [
  { href: "/", label: "Overview" },
  { href: "/boards", label: "Boards" },
  { href: "/boot", label: "Boot" },
  { href: "/power", label: "Power" },
  { href: "/play", label: "Play" },
  { href: "/help", label: "Help" },
] as const;

/** Who this is, how many boards are up, how old that knowledge is, and the ways to the other pages. */
export function Header(): ReactNode {
  const twin = useTwin();
  const [location] = useLocation();
  const up = countStates(twin.columns)[5] ?? 0;
  const total = Math.max(twin.cluster?.expected ?? 0, twin.columns.count);
  return (
    <header className="header">
      <Link href="/" className="brand">
        <Berry />
        <span className="brand-name">Bramble</span>
        <span className="brand-cluster">{twin.cluster?.name ?? ""}</span>
      </Link>
      <nav aria-label="Pages">
        {places.map(({ href, label }) => (
          <Link key={href} href={href} aria-current={location === href ? "page" : undefined}>
            {label}
          </Link>
        ))}
      </nav>
      <p className="header-up">
        <b>{whole(up)}</b> of {whole(total)} up
      </p>
      <LinkAge />
      <ThemeSwitch />
    </header>
  );
}

/** Live, or how old the picture is. */
function LinkAge(): ReactNode {
  const twin = useTwin();
  const { clock } = useParts();
  const [, tick] = useState(0);
  const isLost = twin.link.kind === "lost";
  useEffect(() => {
    if (!isLost) return;
    const timer = clock.every(1000, () => tick((n) => n + 1));
    return () => timer.cancel();
  }, [isLost, clock]);
  switch (twin.link.kind) {
    case "live":
      return (
        <p className="age" data-link="live" role="status">
          <i aria-hidden="true" /> live
        </p>
      );
    case "connecting":
      return (
        <p className="age" data-link="connecting" role="status">
          <i aria-hidden="true" /> connecting
        </p>
      );
    case "lost":
      return (
        <p className="age" data-link="lost" role="status">
          <i aria-hidden="true" /> <span>link lost</span>{" "}
          <span aria-hidden="true">· {span(clock.now() - twin.link.since)} old</span>
        </p>
      );
  }
}

const themes: Readonly<Record<Theme, { next: Theme; label: string; mark: string }>> = {
  auto: { next: "light", label: "Colours as the system says", mark: "◐" },
  light: { next: "dark", label: "Light colours", mark: "○" },
  dark: { next: "auto", label: "Dark colours", mark: "●" },
};

function ThemeSwitch(): ReactNode {
  const [theme, setTheme] = useState(rememberedTheme);
  const { next, label, mark } = themes[theme];
  return (
    <Button
      className="icon-button"
      aria-label={`${label}; press for the next`}
      onPress={() => {
        applyTheme(next);
        setTheme(next);
      }}
    >
      <span aria-hidden="true">{mark}</span>
    </Button>
  );
}

function Berry(): ReactNode {
  return (
    <svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true" className="berry">
      <path d="M12 7c0-3 1.5-4.8 4.2-5.400C15.8 4.6 14.4 6.5 12 7z" className="berry-leaf" />
      <circle cx="8.3" cy="9" r="3.1" />
      <circle cx="15.7" cy="9" r="3.1" />
      <circle cx="12" cy="12.8" r="3.1" />
      <circle cx="5.9" cy="14.4" r="2.7" />
      <circle cx="18.1" cy="14.4" r="2.7" />
      <circle cx="9.2" cy="17.6" r="2.7" />
      <circle cx="14.8" cy="17.6" r="2.7" />
      <circle cx="12" cy="21.6" r="2.1" />
    </svg>
  );
}
